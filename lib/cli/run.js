// Carries one command out, from its options to its exit code.
import { listenForInterrupt } from "./interrupt.js";
import { cancelled, fail, note, print, printJson, terminalWidth } from "./outcome.js";
import { createProgressBar } from "./progress_bar.js";
/** @import { ExportProgress } from "../../types/job.js" */

/**
 * @typedef {object} Output
 * @property {boolean} [json] One JSON object on stdout, nothing for people.
 * @property {boolean} [quiet] Nothing for people but failures.
 */

/**
 * @template T
 * @param {Output} output
 * @param {(job: { signal: AbortSignal, onProgress: (progress: ExportProgress) => void }) => T | Promise<T>} work
 * @param {(result: T, width: number) => string} describe What people get to read.
 */
export async function run({ json = false, quiet = false }, work, describe) {
  const bar = quiet ? undefined : createProgressBar();
  const interrupt = listenForInterrupt(() => {
    bar?.stop();
    if (process.stderr.isTTY && !quiet) note("Cancelling; Ctrl-C again ends at once.");
  });
  try {
    const result = await work({ signal: interrupt.signal, onProgress: (progress) => bar?.update(progress) });
    bar?.stop();
    if (json) printJson(result);
    else if (!quiet) print(describe(result, terminalWidth()));
  } catch (error) {
    bar?.stop();
    if (interrupt.signal.aborted) cancelled(interrupt.signal.reason, json);
    else fail(error, json);
  } finally {
    interrupt.release();
  }
}
