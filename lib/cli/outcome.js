// What a command leaves behind: text on stdout or stderr, and an exit code.
import { isMediaError } from "../errors.js";
import { exitCodeOf } from "./interrupt.js";

/** @type {Record<string, number>} */
const EXIT_CODES = {
  ERR_BAD_ARGS: 2,
  ERR_OUT_OF_RANGE: 2,
  ERR_PROBE: 3,
  ERR_PLAN_UNSUPPORTED: 4,
  ERR_EXEC: 4,
  ERR_VERIFY: 4,
  ERR_CRASHED: 4,
  ERR_FS: 5,
  ERR_NATIVE_UNAVAILABLE: 6,
};

/** A failure that is none of the package's own is a mistake in the program. */
const UNEXPECTED = 1;

/** @param {unknown} value */
export function printJson(value) {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** @param {string} text For people. */
export function print(text) {
  process.stdout.write(`${printable(text)}\n`);
}

/** @param {string} text For people, about how it goes and not what came out. */
export function note(text) {
  process.stderr.write(`${printable(text)}\n`);
}

/**
 * Reports a failure. The exit code comes first: should stdout be closed, the process ends with it at once.
 * @param {unknown} error
 * @param {boolean} json
 */
export function fail(error, json) {
  if (!isMediaError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    process.exitCode = UNEXPECTED;
    if (json) printJson({ code: "ERR_UNEXPECTED", message, hint: null, phase: null, context: {} });
    note(`opencut-libav: ${error instanceof Error ? error.stack : message}`);
    return;
  }
  const { code, message, hint = null, phase = null, context } = error;
  process.exitCode = EXIT_CODES[code] ?? 4;
  if (json) printJson({ code, message, hint, phase, context });
  else note(`opencut-libav: ${message} (${code})${hint ? `\n${hint}` : ""}`);
}

/**
 * Reports that the command was stopped by a signal.
 * @param {import("./interrupt.js").SignalName} signal
 * @param {boolean} json
 */
export function cancelled(signal, json) {
  process.exitCode = exitCodeOf(signal);
  if (json) printJson({ code: "ABORTED", message: `Cancelled by ${signal}`, hint: null, phase: null, context: {} });
  else note("Cancelled; nothing was written.");
}

/** Cells of the terminal. */
export function terminalWidth() {
  return process.stdout.columns || Number(process.env.COLUMNS) || 80;
}

/**
 * File names come from configs and may hold escape sequences.
 * @param {string} text
 */
function printable(text) {
  // eslint-disable-next-line no-control-regex -- Control characters are what is looked for.
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}
