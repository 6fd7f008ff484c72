// One native job: its signal, its callbacks, its failure.
import { takeDirection } from "./arguments.js";
import { MediaError } from "./errors.js";
import { loadNative } from "./native.js";
/** @import { ExportDirection } from "../types/export.js" */
/** @import { ExportProgress, LogLine } from "../types/job.js" */
/** @import { ExportPlan } from "../types/plan.js" */

// Long enough for a job between two packets to stop and remove its file, short enough not to be noticed.
const EXIT_TIMEOUT_MS = 500;
// Longer than a job takes from one look at its cancellation to the next, unless the system keeps it.
const CANCEL_TIMEOUT_MS = 2000;

let running = 0;

/**
 * @typedef {object} Callbacks
 * @property {AbortSignal} [signal]
 * @property {(progress: ExportProgress) => void} [onProgress]
 * @property {(line: LogLine) => void} [onLog]
 * @property {(plan: ExportPlan) => void | ExportDirection | Promise<void | ExportDirection>} [onPlan]
 */

/**
 * Runs a job to its end.
 * @param {"probe" | "plan" | "export"} kind
 * @param {object} request Sent as JSON.
 * @param {Callbacks} callbacks
 * @returns {Promise<any>} The result, parsed.
 */
export async function runJob(kind, request, { signal, onProgress, onLog, onPlan }) {
  signal?.throwIfAborted();
  const native = loadNative();
  let over = false;
  /** @type {unknown[]} What a callback threw; the first counts. */
  const thrown = [];
  /** @param {unknown} error */
  const fail = (error) => {
    thrown.push(error);
    stop();
  };
  /** @param {((value: any) => void) | undefined} callback */
  const guarded = (callback) =>
    callback &&
    ((/** @type {string} */ json) => {
      if (over) return;
      try {
        callback(JSON.parse(json));
      } catch (error) {
        fail(error);
      }
    });
  /** @param {ExportPlan} plan */
  const direct = (plan) => {
    directionFrom(onPlan, plan).then(
      (direction) => job.proceed(direction.output),
      (error) => over || fail(error),
    );
  };

  const text = JSON.stringify(request);
  const job = native.start(kind, text, guarded(onProgress), guarded(onLog), guarded(onPlan && direct));
  countUntil(job.done);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {() => void} */
  let giveUp;
  // A cancelled job that is kept by a system call cleans up when that returns; nobody waits for it.
  const abandoned = new Promise((_, reject) => (giveUp = reject));
  const stop = () => {
    over = true;
    job.cancel();
    timer ??= setTimeout(giveUp, CANCEL_TIMEOUT_MS);
  };
  signal?.addEventListener("abort", stop);
  try {
    const result = await Promise.race([job.done, abandoned]);
    // What has written nothing has nothing to lose by an abort that it did not notice any more.
    if (kind !== "export") signal?.throwIfAborted();
    if (thrown.length === 0) return JSON.parse(result);
  } catch (failure) {
    if (thrown.length === 0) throw signal?.aborted ? signal.reason : translated(failure);
  } finally {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
  throw thrown[0];
}

/**
 * What the caller says to a plan; rejects with what its callback throws.
 * @param {Callbacks["onPlan"]} onPlan
 * @param {ExportPlan} plan
 * @returns {Promise<ExportDirection>}
 */
export async function directionFrom(onPlan, plan) {
  return takeDirection(await onPlan?.(plan));
}

/**
 * Counts a job as running until `done` has settled.
 * @param {Promise<unknown>} done
 */
function countUntil(done) {
  if (running++ === 0) process.on("exit", cancelAll);
  const over = () => {
    if (--running === 0) process.off("exit", cancelAll);
  };
  done.then(over, over);
}

/**
 * `process.exit()`, an uncaught exception and the like do not run the addon's cleanup hooks on the main thread: this
 * listener, there as long as any job runs, cancels them and waits for their files to be removed.
 */
function cancelAll() {
  loadNative().cancelAll(EXIT_TIMEOUT_MS);
}

/** @param {unknown} failure What the addon rejected with. */
function translated(failure) {
  const details = failure instanceof Error && "details" in failure ? failure.details : undefined;
  if (typeof details !== "string") return failure;
  const json = JSON.parse(details);
  if (json.code === "ABORTED") return new DOMException("This operation was aborted", "AbortError");
  return MediaError.fromJSON({ message: /** @type {Error} */ (failure).message, ...json });
}
