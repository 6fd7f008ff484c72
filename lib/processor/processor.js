import { setMaxListeners } from "node:events";
import os from "node:os";
import { take } from "../arguments.js";
import { createPool } from "../children/pool.js";
import { MediaError } from "../errors.js";
import { createAdmission } from "./admission.js";
import { follow } from "./follow.js";
import { createHealthFile, startHealthServer } from "./health.js";
import { createHousekeeping } from "./housekeeping.js";
import { findLayout, requireJobId } from "./layout.js";
import { createLookout } from "./lookout.js";
import { createCounts } from "./metrics.js";
import { takeProcessorOptions } from "./options.js";
import { prometheusText } from "./prometheus.js";
import { createScanner } from "./scan.js";
import { prepareBase } from "./self_test.js";
import { createService } from "./service.js";
import { startWatcher } from "./watcher.js";
import { createWorkload } from "./workload.js";
/** @import { Pool } from "../../types/children.js" */
/**
 * @import { Processor, ProcessorHealth, ProcessorOptions, StopOptions, WatchOptions } from "../../types/processor.js"
 */
/** @import { ProcessorSettings } from "./options.js" */

const DRAIN_MS = 30_000;
// Looks that may fail or be late before the processor is said to fail.
const MISSED_LOOKS = 5;
const LEAST_ALARM_MS = 15_000;
const LOOKS_A_LEASE = 3;

/**
 * @param {ProcessorOptions} [options]
 * @returns {Processor}
 */
export function createProcessor(options) {
  return new FolderProcessor(takeProcessorOptions(options));
}

/**
 * Without it every job would fail.
 * @param {Pool} pool
 */
async function requireAddon(pool) {
  // Far from a config: whatever comes back but this comes from the addon.
  await pool.plan(/** @type {any} */ ({})).catch((error) => {
    if (error.code === "ERR_NATIVE_UNAVAILABLE") throw error;
  });
}

/** @implements {Processor} */
class FolderProcessor {
  #settings;
  #counts;
  #admission;
  #handBack = new AbortController();
  /** @type {Promise<void> | undefined} */
  #starting;
  /** @type {Promise<void> | undefined} */
  #stopping;
  /** @type {(() => Promise<unknown>)[]} What ends what was started, in the order of its start. */
  #endings = [];
  #startedMs = performance.now();
  /** @type {number | null} */
  #scannedMs = null;

  /** @param {ProcessorSettings} settings */
  constructor(settings) {
    this.#settings = settings;
    this.#counts = createCounts(settings.memoryBudget);
    this.#admission = createAdmission({ budgetBytes: settings.memoryBudget });
    setMaxListeners(0, this.#handBack.signal); // One for each job.
  }

  start() {
    return (this.#starting ??= this.#beginOrUndo());
  }

  async #beginOrUndo() {
    try {
      await this.#begin();
    } catch (error) {
      await this.#endAll();
      throw error;
    }
  }

  async #begin() {
    const { mediaBasePath, isolation, log, pool: poolOptions, settings } = this.#settings;
    if (this.#stopping) throw new MediaError("ERR_BAD_ARGS", "A processor that was stopped does not start again");
    const layout = await findLayout(mediaBasePath);
    await prepareBase(layout);
    const pool = createPool({ ...poolOptions, isolation, log });
    const parts = { layout, pool, admission: this.#admission, settings, log, counts: this.#counts };
    const service = createService(parts);
    this.#endings.push(() => pool.close());
    await requireAddon(pool);
    await this.#openPort();
    const healthFile = createHealthFile(layout);
    this.#endings.push(() => healthFile.remove());
    this.#startedMs = performance.now();
    this.#startLooking(service, healthFile);
    log.info({ base: layout.base, concurrency: this.#settings.concurrency }, "processor started");
  }

  async #openPort() {
    const { healthPort, healthHost, log } = this.#settings;
    if (healthPort === undefined) return;
    const server = await startHealthServer({
      port: healthPort,
      host: healthHost,
      health: () => this.health(),
      metrics: () => this.prometheusText(),
    });
    this.#endings.push(server.close);
    log.info({ host: healthHost, port: server.port }, "health port opened");
  }

  /**
   * @param {import("./service.js").Service} service
   * @param {ReturnType<typeof createHealthFile>} healthFile
   */
  #startLooking(service, healthFile) {
    const { concurrency, pollIntervalMs, retention, log } = this.#settings;
    const { layout } = service;
    const scanner = createScanner(service);
    const keepHouse = createHousekeeping(service, scanner, retention);
    const handBack = this.#handBack.signal;
    // While no place is free, only for the signs of life of others.
    const fullIntervalMs = Math.max(pollIntervalMs, service.settings.leaseMs / LOOKS_A_LEASE);
    const workload = createWorkload(service, { concurrency, handBack, onIdle: () => lookout.soon() });
    const lookout = createLookout({
      intervalMs: pollIntervalMs,
      look: async () => {
        try {
          if (!workload.isFull() || performance.now() - (this.#scannedMs ?? -Infinity) >= fullIntervalMs) {
            workload.offer(await scanner.scan(workload.isRunning));
            this.#scannedMs = performance.now();
          }
          await keepHouse();
          await healthFile.write(this.health());
        } catch (error) {
          log.error({ error: String(error) }, "the jobs cannot be looked at");
        }
      },
    });
    const watcher = startWatcher(
      layout.exports,
      () => true,
      (id) => {
        if (id) scanner.lookAgainAt(id);
        lookout.soon();
      },
    );
    lookout.start();
    // First no more jobs, then what they need.
    this.#endings.unshift(async () => {
      watcher?.close();
      await lookout.stop();
      await workload.close();
    });
  }

  /** @param {StopOptions} [options] */
  stop(options) {
    const { drain = true, timeoutMs = DRAIN_MS } = take("options", options, { drain: "boolean", timeoutMs: "number" });
    this.#stopping ??= this.#end();
    if (!drain) this.#handBack.abort();
    else this.#handBackAfter(timeoutMs);
    return this.#stopping;
  }

  /** @param {number} timeoutMs */
  #handBackAfter(timeoutMs) {
    const timer = setTimeout(() => this.#handBack.abort(), timeoutMs);
    // How it ends is told to whoever waits for it.
    this.#stopping?.finally(() => clearTimeout(timer)).catch(() => {});
  }

  async #end() {
    await this.#starting?.catch(() => {}); // Told to whoever started it.
    const { log } = this.#settings;
    log.info({ jobsRunning: this.#counts.jobsRunning }, "processor stops");
    await this.#endAll();
    log.info({}, "processor stopped");
  }

  async #endAll() {
    for (const end of this.#endings.splice(0)) await end();
  }

  /** @param {string} id @param {WatchOptions} [options] */
  watch(id, options) {
    requireJobId(String(id));
    const { signal } = take("options", options, { signal: "signal" });
    return this.#follow(id, signal);
  }

  /** @param {string} id @param {AbortSignal} [signal] */
  async *#follow(id, signal) {
    yield* follow(await findLayout(this.#settings.mediaBasePath), id, signal);
  }

  metrics() {
    return { ...this.#counts, memoryReservedBytes: this.#admission.reservedBytes() };
  }

  prometheusText() {
    return prometheusText(this.metrics());
  }

  /** @returns {ProcessorHealth} */
  health() {
    const now = performance.now();
    const { pollIntervalMs } = this.#settings;
    const { leaseMs } = this.#settings.settings;
    const alarmMs = Math.max(LEAST_ALARM_MS, MISSED_LOOKS * pollIntervalMs, leaseMs);
    const isLate = now - (this.#scannedMs ?? this.#startedMs) > alarmMs;
    return {
      status: this.#stopping ? "stopping" : isLate ? "failing" : "ok",
      host: os.hostname(),
      pid: process.pid,
      uptimeSeconds: Math.round((now - this.#startedMs) / 1000),
      lastScanAgoMs: this.#scannedMs === null ? null : Math.round(now - this.#scannedMs),
      jobsRunning: this.#counts.jobsRunning,
      jobsWaiting: this.#counts.jobsWaiting,
    };
  }

  [Symbol.asyncDispose]() {
    return this.stop({ drain: false });
  }
}
