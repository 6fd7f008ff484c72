import { check, takeAccessOptions, takeCallbacks } from "./arguments.js";
import { runJob } from "./job.js";
/** @import { MediaInfo, ProbeOptions } from "../types/media.js" */

/**
 * @param {string} input
 * @param {ProbeOptions} [options]
 * @returns {Promise<MediaInfo>}
 */
export async function probe(input, options) {
  check("input", input, "string");
  const { signal, onLog } = takeCallbacks(options);
  return runJob("probe", { input, options: takeAccessOptions(options) }, { signal, onLog });
}
