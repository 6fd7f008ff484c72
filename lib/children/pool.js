// Plans and exports, some at a time, each in a process that may crash, or in this one.
import os from "node:os";
import { check, takeCallbacks, takeExportOptions } from "../arguments.js";
import { configToJson } from "../config.js";
import { exportVideo } from "../export.js";
import { planExport } from "../plan.js";
import { createCrew } from "./crew.js";
import { createTurns } from "./turns.js";
/** @import { ChildTask, Logger, Pool, PoolOptions } from "../../types/children.js" */

const MAX_JOBS_PER_CHILD = 500;
const MAX_RSS_BYTES = 1024 ** 3;

/** @typedef {Pick<ChildTask, "kind" | "config" | "options">} PoolJob */
/** @typedef {import("../job.js").Callbacks & { signal: AbortSignal }} JobCallbacks */

/** @type {Logger} */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * @param {PoolOptions} [options]
 * @returns {Pool}
 */
export function createPool({
  size = Math.max(1, Math.floor(os.availableParallelism() / 2)),
  isolation = "process",
  maxJobsPerChild = MAX_JOBS_PER_CHILD,
  maxRssBytes = MAX_RSS_BYTES,
  log = SILENT,
  execArgv = [],
} = {}) {
  const workers = isolation === "none" ? thisProcess : createCrew({ maxJobsPerChild, maxRssBytes, log, execArgv });
  const turns = createTurns(size);
  const closed = new DOMException("The pool was closed", "AbortError");
  let isClosed = false;
  /** @type {Map<AbortController, Promise<unknown>>} What runs or waits. */
  const jobs = new Map();

  /** @param {PoolJob} job @param {JobCallbacks} callbacks */
  async function inTurn(job, callbacks) {
    const { signal } = callbacks;
    await turns.take(signal);
    try {
      // It may have been aborted at the same time.
      signal.throwIfAborted();
      return await workers.run(job, callbacks);
    } finally {
      turns.give();
    }
  }

  /** @param {ChildTask["kind"]} kind @param {unknown} config @param {unknown} options */
  async function run(kind, config, options) {
    check("config", config, "object");
    const { signal, ...callbacks } = takeCallbacks(options);
    const job = { kind, config: configToJson(config), options: takeExportOptions(options) };
    const controller = new AbortController();
    if (isClosed) throw closed;
    signal?.throwIfAborted();
    const abort = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    const done = inTurn(job, { ...callbacks, signal: controller.signal });
    jobs.set(controller, done);
    try {
      return await done;
    } finally {
      jobs.delete(controller);
      signal?.removeEventListener("abort", abort);
    }
  }

  async function close() {
    isClosed = true;
    for (const controller of jobs.keys()) controller.abort(closed);
    await Promise.allSettled(jobs.values());
    await workers.dismiss();
  }

  return {
    plan: (config, options) => run("plan", config, options),
    render: (config, options) => run("export", config, options),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const thisProcess = {
  /**
   * @param {PoolJob} job
   * @param {JobCallbacks} callbacks
   * @returns {Promise<any>}
   */
  run: ({ kind, config, options }, { onProgress, ...callbacks }) =>
    kind === "plan"
      ? planExport(/** @type {any} */ (config), { ...options, ...callbacks })
      : exportVideo(/** @type {any} */ (config), { ...options, ...callbacks, onProgress }),
  async dismiss() {},
};
