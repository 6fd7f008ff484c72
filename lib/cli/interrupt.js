// Ctrl-C and its relatives: the first cancels, the second ends the process.
import os from "node:os";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
/** @typedef {typeof SIGNALS[number]} SignalName */

/**
 * Listens until `release` is called.
 * @param {() => void} onFirst Called at the first signal.
 */
export function listenForInterrupt(onFirst) {
  const controller = new AbortController();
  /** @param {SignalName} name */
  const handle = (name) => {
    if (controller.signal.aborted) process.exit(exitCodeOf(name));
    controller.abort(name);
    onFirst();
  };
  for (const name of SIGNALS) process.on(name, handle);
  return {
    /** Aborts with the signal's name as its reason. */
    signal: controller.signal,
    release() {
      for (const name of SIGNALS) process.off(name, handle);
    },
  };
}

/**
 * What a shell reports for a process that a signal ended.
 * @param {SignalName} name
 */
export function exitCodeOf(name) {
  return 128 + os.constants.signals[name];
}
