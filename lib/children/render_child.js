// The program of a child: does what its parent sends, one task at a time, and ends with its parent.
import { writeFileSync } from "node:fs";
import { isMediaError } from "../errors.js";
import { exportVideo } from "../export.js";
import { loadNative } from "../native.js";
import { planExport } from "../plan.js";
import { createLogFeed, createProgressFeed } from "./feeds.js";
/** @import { ChildMessage, ChildTask, ParentMessage } from "../../types/children.js" */
/** @import { ExportDirection } from "../../types/export.js" */
/** @import { ExportPlan } from "../../types/plan.js" */

// Behind stdin, stdout, stderr and the channel; see startChild().
const OPENED_RECORD_FD = 4;

/** @type {AbortController | undefined} Of the task that is being done. */
let running;
/** @type {((direction: ExportDirection) => void) | undefined} Has it go on that waits with its plan. */
let proceed;

/** @param {ChildMessage} message @param {() => void} [onSent] */
function send(message, onSent = () => {}) {
  // The parent may be gone; then so are we, soon.
  if (process.connected) process.send?.(message, undefined, undefined, onSent);
}

/** @param {ChildTask} task */
async function run({ kind, config, options, wantsProgress, wantsLog, wantsPlan, jobsElsewhere }) {
  shareCoresWith(jobsElsewhere);
  const controller = (running = new AbortController());
  const progress = createProgressFeed(send);
  const log = createLogFeed(send);
  const callbacks = {
    signal: controller.signal,
    ...(wantsProgress && { onProgress: progress.put }),
    ...(wantsLog && { onLog: log.put }),
    ...(wantsPlan && { onPlan: askParent }),
  };
  const work = kind === "plan" ? planExport : exportVideo;
  const answer = await work(/** @type {any} */ (config), { ...options, ...callbacks }).then(resultOf, failureOf);
  progress.end();
  running = undefined;
  send(answer);
}

/** @param {ExportPlan} plan @returns {Promise<ExportDirection>} */
function askParent(plan) {
  return new Promise((resolve) => {
    proceed = resolve;
    send({ type: "plan", value: plan });
  });
}

/** @param {unknown} result */
const resultOf = (result) => /** @type {const} */ ({ type: "result", result, ...state() });

/** @param {unknown} failure */
function failureOf(failure) {
  const { message, stack } = failure instanceof Error ? failure : new Error(String(failure));
  const media = isMediaError(failure) && { media: failure.toJSON() };
  return /** @type {const} */ ({ type: "failure", message, stack, ...media, ...state() });
}

function state() {
  const jobsLeft = withAddon((native) => native.activeJobs()) ?? 0;
  return { rssBytes: process.memoryUsage.rss(), stillBusy: jobsLeft > 0 };
}

/** @param {number} jobsElsewhere */
function shareCoresWith(jobsElsewhere) {
  withAddon((native) => native.shareCoresWith(jobsElsewhere));
}

function bindToParent() {
  withAddon((native) => {
    native.endWithParent(Number(process.argv[2]));
    native.recordOpenedFiles(OPENED_RECORD_FD);
  });
}

/**
 * @template T
 * @param {(native: ReturnType<typeof loadNative>) => T} use
 * @returns {T | undefined}
 */
function withAddon(use) {
  try {
    return use(loadNative());
  } catch {
    // Where there is none every job says so.
  }
}

/** When memory runs out the system is to take the process that renders, not the one that keeps the jobs. */
function offerToOutOfMemoryKiller() {
  try {
    writeFileSync("/proc/self/oom_score_adj", "500");
  } catch {
    // Another system, or no /proc.
  }
}

bindToParent();
offerToOutOfMemoryKiller();
// Ctrl-C and service managers signal the whole group; it is the parent that says what becomes of a job.
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(name, () => {});
process.on("disconnect", () => process.exit());
process.on("message", (/** @type {ParentMessage} */ message) => {
  if (message.type === "run") run(message);
  if (message.type === "proceed") {
    shareCoresWith(message.jobsElsewhere);
    proceed?.(message.direction);
  }
  if (message.type === "cancel") running?.abort();
  if (message.type === "end") process.exit();
});
