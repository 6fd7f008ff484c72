// Checks the types of arguments and takes them over, each read once. Ranges and names are the addon's to check.
import path from "node:path";
import { inspect } from "node:util";
import { refused } from "./config.js";

/** @typedef {"string" | "number" | "boolean" | "function" | "object" | "strings" | "signal"} Kind */

/** @type {Record<Kind, { expected: string, fits: (value: any) => boolean }>} */
const KINDS = {
  string: { expected: "a string", fits: (value) => typeof value === "string" },
  number: { expected: "a number", fits: (value) => typeof value === "number" },
  boolean: { expected: "a boolean", fits: (value) => typeof value === "boolean" },
  function: { expected: "a function", fits: (value) => typeof value === "function" },
  object: {
    expected: "an object",
    fits: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  strings: {
    expected: "an array of strings",
    fits: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  },
  // Not `instanceof`: test environments and polyfills bring their own class.
  signal: {
    expected: "an AbortSignal",
    fits: (value) => typeof value?.aborted === "boolean" && typeof value.addEventListener === "function",
  },
};

/**
 * How an output is rendered, whatever it is made of and where.
 * @type {Record<string, Kind>}
 */
export const RENDER = {
  mode: "string",
  audio: "string",
  video: "object",
  audioBitrate: "number",
  threads: "number",
  fallback: "string",
  maxEncodedSeconds: "number",
  verify: "string",
};

/** @type {Record<string, Kind>} */
const ACCESS = { allowedRoots: "strings", allowedProtocols: "strings" };

/** @type {Record<string, Kind>} */
const EXPORT = {
  ...ACCESS,
  ...RENDER,
  mediaBasePath: "string",
  output: "string",
  overwrite: "boolean",
};

/** @type {Record<string, Kind>} */
const VIDEO = { preset: "string", crf: "number", bitrate: "number" };

/** @type {Record<string, Kind>} */
const CALLBACKS = { signal: "signal", onProgress: "function", onLog: "function", onPlan: "function" };

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Kind} kind
 * @throws {TypeError}
 */
export function check(name, value, kind) {
  const { expected, fits } = KINDS[kind];
  if (!fits(value))
    throw new TypeError(`${name}: expected ${expected}, got ${inspect(value, { depth: 0, breakLength: Infinity })}`);
  if (typeof value === "number" && !Number.isFinite(value)) throw refused(name, `${value} is not a finite number`);
}

/**
 * The fields of `value` that `kinds` names, checked; those that are undefined are left out.
 * @param {string} name
 * @param {unknown} value
 * @param {Record<string, Kind>} kinds
 * @returns {Record<string, any>}
 */
export function take(name, value, kinds) {
  if (value === undefined) return {};
  check(name, value, "object");
  /** @type {Record<string, any>} */
  const taken = {};
  for (const [key, kind] of Object.entries(kinds)) {
    const field = /** @type {Record<string, unknown>} */ (value)[key];
    if (field === undefined) continue;
    check(`${name}.${key}`, field, kind);
    taken[key] = field;
  }
  return taken;
}

/**
 * The signal and the callbacks.
 * @param {unknown} options
 * @returns {import("./job.js").Callbacks}
 */
export function takeCallbacks(options) {
  const { signal, onProgress, onLog, onPlan } = take("options", options, CALLBACKS);
  return { signal, onProgress, onLog, onPlan };
}

/**
 * What `onPlan` answers.
 * @param {unknown} answer
 * @returns {import("../types/export.js").ExportDirection}
 */
export function takeDirection(answer) {
  const { output } = take("onPlan's answer", answer, { output: "string" });
  return output === undefined ? {} : { output: path.resolve(output) };
}

/** @param {unknown} options */
export function takeAccessOptions(options) {
  return take("options", options, ACCESS);
}

/**
 * The options of a plan or an export, as the addon takes them.
 * @param {unknown} options
 */
export function takeExportOptions(options) {
  const taken = take("options", options, EXPORT);
  if (taken.video) taken.video = take("options.video", taken.video, VIDEO);
  // The working directory may be another one by the time the job's thread looks.
  taken.mediaBasePath = path.resolve(taken.mediaBasePath ?? "");
  if (taken.output !== undefined) taken.output = path.resolve(taken.output);
  return taken;
}
