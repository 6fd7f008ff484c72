import { realpath } from "node:fs/promises";
import path from "node:path";
import { check } from "../arguments.js";
import { createPool } from "../children/pool.js";
import { MediaError } from "../errors.js";
import { createAdmission } from "./admission.js";
import { createLeases } from "./leases.js";
import { findLayout, requireJobId } from "./layout.js";
import { defaultLogger } from "./log.js";
import { createCounts } from "./metrics.js";
import { takeJobOptions } from "./options.js";
import { runJob } from "./run_job.js";
import { createService } from "./service.js";
/** @import { ExportConfigInput } from "../../types/config.js" */
/** @import { ProcessJobOptions } from "../../types/processor.js" */
/** @import { Leases } from "./leases.js" */

/** What has been seen of owners, from one call to the next. @type {Map<string, Leases>} */
const leasesOfBases = new Map();

/**
 * @param {ExportConfigInput} config
 * @param {string} jobDir
 * @param {string} [mediaBasePath]
 * @param {ProcessJobOptions} [options]
 * @returns {Promise<void>}
 */
export async function processExportJob(config, jobDir, mediaBasePath, options) {
  try {
    await exportJob(config, jobDir, mediaBasePath, options);
  } catch (error) {
    const log = typeof options?.logger?.error === "function" ? options.logger : defaultLogger();
    log.error({ jobDir, error: String(error) }, "the job cannot be processed");
  }
}

/**
 * @param {unknown} config
 * @param {string} jobDir
 * @param {string | undefined} mediaBasePath
 * @param {ProcessJobOptions | undefined} options
 */
async function exportJob(config, jobDir, mediaBasePath, options) {
  check("jobDir", jobDir, "string");
  const { isolation, settings, log, signal } = takeJobOptions(options);
  const layout = await findLayout(mediaBasePath);
  const id = await jobIdOf(jobDir, layout.exports);
  const pool = createPool({ size: 1, isolation, log });
  // One job always runs.
  const admission = createAdmission({ budgetBytes: 0 });
  const service = createService({ layout, pool, admission, settings, log, counts: createCounts(0) });
  const leases = leasesOfBases.get(layout.base) ?? createLeases(settings);
  leasesOfBases.set(layout.base, leases);
  try {
    await runJob({ ...service, leases }, id, { handBack: signal ?? new AbortController().signal, config });
  } finally {
    await pool.close();
  }
}

/**
 * @param {string} jobDir
 * @param {string} exportsFolder
 */
async function jobIdOf(jobDir, exportsFolder) {
  const id = path.basename(path.resolve(jobDir));
  requireJobId(id);
  const parent = await realpath(path.dirname(path.resolve(jobDir)));
  if (parent !== (await realpath(exportsFolder))) {
    throw new MediaError("ERR_BAD_ARGS", `${jobDir} is no job's folder`, {
      context: { path: jobDir },
      hint: `A job's folder lies in ${exportsFolder}.`,
    });
  }
  return id;
}
