// One attempt at a job: planned, admitted, rendered to a file of its own.
import os from "node:os";
import path from "node:path";
import { estimateCost } from "../children/cost.js";
import { prepareOutput } from "./output_place.js";
import { partPath, removeParts } from "./parts.js";
/** @import { ExportReport } from "../../types/export.js" */
/** @import { ExportProgress } from "../../types/job.js" */
/** @import { OwnedJob } from "./owned_job.js" */
/** @import { Service } from "./service.js" */

/**
 * @param {Service} service
 * @param {OwnedJob} job
 * @param {object} options
 * @param {number} options.attempt From 1.
 * @param {boolean} options.alone With the machine to itself.
 * @param {AbortSignal} options.signal
 * @param {(progress: ExportProgress) => void} options.onProgress
 * @returns {Promise<{ part: string, output: string, report: ExportReport }>} `part` is whole and on the disk.
 */
export async function makeAttempt(service, job, { attempt, alone, signal, onProgress }) {
  const { layout, pool, admission, settings, log } = service;
  const allowedRoots = [layout.base, ...settings.allowedRoots];
  const options = { ...settings.render, mediaBasePath: layout.base, allowedRoots, signal };
  const plan = await pool.plan(job.config, options);
  const output = await prepareOutput(layout, job.folder, plan.output.path, settings.allowedRoots);
  const folder = path.dirname(output);
  await removeParts(folder, job.id, () => true);
  const waitingSinceMs = performance.now();
  const threads = settings.render.threads ?? os.availableParallelism();
  const { memoryBytes } = estimateCost(plan, { threads, sources: job.config.sources });
  const leave = await admission.admit({ bytes: memoryBytes, alone }, signal);
  try {
    const waitedMs = Math.round(performance.now() - waitingSinceMs);
    log.info({ job: job.id, attempt, mode: plan.mode, memoryBytes, alone, waitedMs }, "rendering begins");
    const part = partPath(folder, job.id, job.claim.token, attempt);
    job.outputFolder = folder;
    const report = await pool.render(job.config, { ...options, output: part, onProgress });
    return { part, output, report };
  } finally {
    leave();
  }
}
