import { check, takeCallbacks, takeExportOptions } from "./arguments.js";
import { configToJson } from "./config.js";
import { runJob } from "./job.js";
/** @import { ExportConfigInput } from "../types/config.js" */
/** @import { ExportPlan, PlanOptions } from "../types/plan.js" */

/**
 * @param {ExportConfigInput} config
 * @param {PlanOptions} [options]
 * @returns {Promise<ExportPlan>}
 */
export async function planExport(config, options) {
  check("config", config, "object");
  const { signal, onLog } = takeCallbacks(options);
  const request = { config: configToJson(config), options: takeExportOptions(options) };
  return runJob("plan", request, { signal, onLog });
}
