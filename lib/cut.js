import path from "node:path";
import { check, take, takeCallbacks, takeExportOptions } from "./arguments.js";
import { MediaError } from "./errors.js";
import { runJob } from "./job.js";
/** @import { CutOptions, ExportReport } from "../types/export.js" */

/** @type {Record<string, "mp4" | "webm">} */
const FORMATS = { ".mp4": "mp4", ".m4v": "mp4", ".webm": "webm" };

// Beyond any source's end; the addon cuts it back.
const END_OF_FILE_SECONDS = 1e9;

/**
 * @param {string} input
 * @param {string} output
 * @param {CutOptions} [options]
 * @returns {Promise<ExportReport>}
 */
export async function cut(input, output, options) {
  check("input", input, "string");
  check("output", output, "string");
  const span = take("options", options, { start: "number", end: "number", codec: "string", includeAudio: "boolean" });
  const callbacks = takeCallbacks(options);
  const { output: _, ...exportOptions } = takeExportOptions(options);
  const format = FORMATS[path.extname(output).toLowerCase()];
  if (!format) {
    throw new MediaError("ERR_BAD_ARGS", `${output}: a cut is written as ${Object.keys(FORMATS).join(", ")}`, {
      context: { path: output },
      hint: "Give the output a name with one of these endings.",
    });
  }
  const config = {
    version: 1,
    id: "cut",
    projectId: "cut",
    projectName: "cut",
    createdAt: "1970-01-01T00:00:00Z",
    sources: [{ id: "input", name: path.basename(input), filePath: absolute(input) }],
    segments: [{ sourceIndex: 0, startTime: span.start ?? 0, endTime: span.end ?? END_OF_FILE_SECONDS }],
    output: { filePath: path.resolve(output), format, codec: span.codec, includeAudio: span.includeAudio },
  };
  const toTheEnd = span.end === undefined && { clampSilently: true };
  return runJob("export", { config, options: { ...exportOptions, ...toTheEnd } }, callbacks);
}

/** @param {string} input A path, or a URL. */
function absolute(input) {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(input) ? input : path.resolve(input);
}
