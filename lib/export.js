import { check, takeCallbacks, takeExportOptions } from "./arguments.js";
import { configToJson } from "./config.js";
import { runJob } from "./job.js";
/** @import { ExportConfigInput } from "../types/config.js" */
/** @import { ExportReport, ExportVideoOptions } from "../types/export.js" */

/**
 * @param {ExportConfigInput} config
 * @param {ExportVideoOptions} [options]
 * @returns {Promise<ExportReport>}
 */
export async function exportVideo(config, options) {
  check("config", config, "object");
  const callbacks = takeCallbacks(options);
  return runJob("export", { config: configToJson(config), options: takeExportOptions(options) }, callbacks);
}
