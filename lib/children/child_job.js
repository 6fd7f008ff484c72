// One job in a child: its signal, its callbacks, its failure. What lib/job.js is to a job in this process.
import { MediaError } from "../errors.js";
import { directionFrom } from "../job.js";
import { crashOf } from "./crash.js";
/** @import { CoreShare } from "./core_shares.js" */
/** @import { ChildAnswer, ChildEnd, ChildTask } from "../../types/children.js" */

// As long as a job in this process is waited for.
const CANCEL_TIMEOUT_MS = 2000;

/**
 * @param {import("./child.js").Child} child
 * @param {Pick<ChildTask, "kind" | "config" | "options">} job
 * @param {CoreShare} share
 * @param {import("../job.js").Callbacks & { signal: AbortSignal }} callbacks
 * @returns {Promise<any>} The result.
 */
export async function runInChild(child, job, share, { signal, onProgress, onLog, onPlan }) {
  let over = false;
  /** @type {unknown[]} What a callback threw; the first counts. */
  const thrown = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const stop = () => {
    over = true;
    child.cancel();
    timer ??= setTimeout(child.kill, CANCEL_TIMEOUT_MS);
  };
  /** @param {unknown} error */
  const fail = (error) => {
    thrown.push(error);
    stop();
  };
  /** @param {import("../../types/plan.js").ExportPlan} plan */
  const direct = (plan) => {
    share.leaveWhile(directionFrom(onPlan, plan)).then(
      (direction) => over || child.proceed(direction, share.jobsElsewhere()),
      (error) => over || fail(error),
    );
  };
  signal.addEventListener("abort", stop);
  try {
    const wants = { wantsProgress: !!onProgress, wantsLog: !!onLog, wantsPlan: !!onPlan };
    const task = /** @type {const} */ ({ type: "run", ...job, ...wants, jobsElsewhere: share.jobsElsewhere() });
    const end = await child.ask(task, (message) => {
      if (over) return;
      try {
        if (message.type === "progress") onProgress?.(message.value);
        if (message.type === "log") onLog?.(message.value);
        if (message.type === "plan") direct(message.value);
      } catch (error) {
        fail(error);
      }
    });
    if (thrown.length > 0) throw thrown[0];
    // What has written nothing has nothing to lose by an abort that it did not notice any more.
    if (end.type !== "result" || job.kind === "plan") signal.throwIfAborted();
    if (end.type === "result") return end.result;
    throw failureOf(end);
  } finally {
    over = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** @param {Exclude<ChildAnswer, { type: "result" }> | ChildEnd} end */
function failureOf(end) {
  if (end.type === "ended") return crashOf(end);
  if (end.media !== undefined) return MediaError.fromJSON(end.media);
  const error = new Error(end.message);
  error.stack = end.stack;
  return error;
}
