// What of an export config goes to the addon.
import { MediaError } from "./errors.js";

/**
 * The keys that a config has, as in types/config.d.ts. `null` stands for a plain value.
 * @typedef {null | { [key: string]: Shape } | [Shape]} Shape
 */
/** @type {Shape} */
export const CONFIG_SHAPE = {
  version: null,
  id: null,
  projectId: null,
  projectName: null,
  createdAt: null,
  sources: [
    { id: null, name: null, filePath: null, width: null, height: null, duration: null, fps: null, hasAudio: null },
  ],
  segments: [{ sourceIndex: null, startTime: null, endTime: null, audioFromSource: null }],
  output: { filePath: null, format: null, width: null, height: null, fps: null, codec: null, includeAudio: null },
  status: null,
};

/**
 * A copy of `config` with the keys it may have and no others, which can be written as JSON and read back the same.
 * JSON has no NaN, no Infinity and nothing for what is not data, so those are refused here; all else about the values
 * is the addon's to judge.
 * @param {unknown} config
 * @throws {MediaError} `ERR_BAD_ARGS` with the place in `context.jsonPath`.
 */
export function configToJson(config) {
  return copied(config, CONFIG_SHAPE, "");
}

/**
 * @param {unknown} value
 * @param {Shape} shape
 * @param {string} place
 * @returns {unknown}
 */
function copied(value, shape, place) {
  if (value === undefined || value === null || typeof value === "boolean") return value;
  // JSON text is UTF-8, which has no place for half a surrogate pair.
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refused(place, `${value} is not a finite number`);
    return value;
  }
  if (typeof value !== "object") throw refused(place, `a ${typeof value} is not data`);
  if (Array.isArray(value)) {
    if (!Array.isArray(shape)) throw refused(place, "an array is not expected here");
    return value.map((item, index) => copied(item, shape[0], `${place}[${index}]`));
  }
  if (shape === null || Array.isArray(shape)) throw refused(place, "an object is not expected here");
  const record = /** @type {Record<string, unknown>} */ (value);
  return Object.fromEntries(
    Object.entries(shape).map(([key, inner]) => [key, copied(record[key], inner, place ? `${place}.${key}` : key)]),
  );
}

/**
 * @param {string} jsonPath
 * @param {string} problem
 */
export function refused(jsonPath, problem) {
  return new MediaError("ERR_BAD_ARGS", `${jsonPath}: ${problem}`, { context: { jsonPath } });
}
