// Checks the options of a processor and of a single job.
import os from "node:os";
import { check, RENDER, take, takeExportOptions } from "../arguments.js";
import { refused } from "../config.js";
import { defaultLogger } from "./log.js";
import { defaultMemoryBudget } from "./memory.js";
/** @import { ProcessorLogger, RenderOptions, RetentionOptions } from "../../types/processor.js" */

/** @type {Record<string, import("../arguments.js").Kind>} */
const JOB = {
  isolation: "string",
  allowedRoots: "strings",
  render: "object",
  maxAttempts: "number",
  leaseMs: "number",
  logger: "object",
  signal: "signal",
};

/** @type {Record<string, import("../arguments.js").Kind>} */
const PROCESSOR = {
  mediaBasePath: "string",
  concurrency: "number",
  memoryBudget: "number",
  pollIntervalMs: "number",
  maxJobsPerChild: "number",
  maxRssBytes: "number",
  retention: "object",
  healthPort: "number",
  healthHost: "string",
};

/** @type {Record<string, import("../arguments.js").Kind>} */
const RETENTION = { maxAgeMs: "number", maxCount: "number", maxBytes: "number", graceMs: "number" };

const GRACE_MS = 3_600_000;
const LEVELS = /** @type {const} */ (["debug", "info", "warn", "error"]);

/**
 * @typedef {object} JobSettings
 * @property {"process" | "none"} isolation
 * @property {import("./service.js").Settings} settings
 * @property {ProcessorLogger} log
 * @property {AbortSignal} [signal]
 */

/** @param {unknown} options @returns {JobSettings} */
export function takeJobOptions(options) {
  const taken = take("options", options, JOB);
  const { isolation = "process", allowedRoots = [], maxAttempts = 3, leaseMs = 30_000, signal } = taken;
  if (isolation !== "process" && isolation !== "none") {
    throw refused("options.isolation", `expected "process" or "none", got ${JSON.stringify(isolation)}`);
  }
  requireWhole("options.maxAttempts", maxAttempts, 1, 100);
  requireWhole("options.leaseMs", leaseMs, 200, 3_600_000);
  const log = taken.logger ?? defaultLogger();
  for (const level of LEVELS) check(`options.logger.${level}`, log[level], "function");
  return { isolation, settings: { render: takeRender(taken.render), allowedRoots, maxAttempts, leaseMs }, log, signal };
}

/** @param {unknown} options */
export function takeProcessorOptions(options) {
  const job = takeJobOptions(options);
  const taken = take("options", options, PROCESSOR);
  const {
    concurrency = Math.max(1, Math.floor(os.availableParallelism() / 2)),
    memoryBudget = defaultMemoryBudget(),
    pollIntervalMs = 1000,
    healthHost = "127.0.0.1",
  } = taken;
  requireWhole("options.concurrency", concurrency, 1, 256);
  requireWhole("options.memoryBudget", memoryBudget, 1);
  requireWhole("options.pollIntervalMs", pollIntervalMs, 20, 3_600_000);
  for (const name of ["maxJobsPerChild", "maxRssBytes"]) {
    if (taken[name] !== undefined) requireWhole(`options.${name}`, taken[name], 1);
  }
  if (taken.healthPort !== undefined) requireWhole("options.healthPort", taken.healthPort, 0, 65_535);
  const { mediaBasePath, maxJobsPerChild, maxRssBytes, healthPort } = taken;
  const retention = takeRetention(taken.retention);
  const pool = { size: concurrency, maxJobsPerChild, maxRssBytes };
  return { ...job, mediaBasePath, concurrency, memoryBudget, pollIntervalMs, pool, retention, healthPort, healthHost };
}

/** @typedef {ReturnType<typeof takeProcessorOptions>} ProcessorSettings */

/** @param {unknown} retention @returns {Required<RetentionOptions> | null} Null: nothing is removed. */
function takeRetention(retention) {
  if (retention === undefined) return null;
  const {
    maxAgeMs = Infinity,
    maxCount = Infinity,
    maxBytes = Infinity,
    graceMs = GRACE_MS,
  } = take("options.retention", retention, RETENTION);
  for (const [name, value] of Object.entries({ maxAgeMs, maxCount, maxBytes, graceMs })) {
    if (value !== Infinity && value < 0) throw refused(`options.retention.${name}`, `${value} is below 0`);
  }
  return { maxAgeMs, maxCount, maxBytes, graceMs };
}

/** Where jobs read and write is no matter of how they are rendered. @param {unknown} render @returns {RenderOptions} */
function takeRender(render) {
  const { mediaBasePath: _, ...taken } = takeExportOptions(take("options.render", render, RENDER));
  return taken;
}

/** @param {string} name @param {number} value @param {number} least @param {number} [most] */
function requireWhole(name, value, least, most = Number.MAX_SAFE_INTEGER) {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw refused(name, `${value} is not a whole number from ${least} to ${most}`);
}
