// The log of a processor whose caller has none.
import pino from "pino";
/** @import { ProcessorLogger } from "../../types/processor.js" */

/** @type {ProcessorLogger | undefined} */
let logger;

/** JSON lines on stderr: stdout is for results. @returns {ProcessorLogger} */
export function defaultLogger() {
  return (logger ??= pino({ name: "opencut-libav", level: process.env.LOG_LEVEL ?? "info" }, pino.destination(2)));
}
