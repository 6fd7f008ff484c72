import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import { MediaError } from "../errors.js";

/**
 * Reads an export config.
 * @param {string} file A path, or `-` for stdin.
 * @param {AbortSignal} signal Ends the wait for stdin.
 * @returns {Promise<any>} Whatever JSON it holds: its shape is judged where it is used.
 * @throws {MediaError} `ERR_BAD_ARGS`
 */
export async function readConfig(file, signal) {
  let content;
  try {
    content = await (file === "-" ? text(addAbortSignal(signal, process.stdin)) : readFile(file, "utf8"));
  } catch (cause) {
    throw unreadable(file, "cannot be read", cause);
  }
  let config;
  try {
    config = JSON.parse(content);
  } catch (cause) {
    throw unreadable(file, "is not JSON", cause);
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw unreadable(file, "is not an export config: it holds no JSON object");
  }
  return config;
}

/**
 * @param {string} path
 * @param {string} problem
 * @param {unknown} [cause]
 */
function unreadable(path, problem, cause) {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new MediaError("ERR_BAD_ARGS", `${path} ${problem}${reason}`, { context: { path }, cause });
}
