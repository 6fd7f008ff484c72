// One attempt at a job: planned, admitted, rendered to a file of its own.
import os from "node:os";
import path from "node:path";
import { estimateCost } from "../children/cost.js";
import { prepareOutput } from "./output_place.js";
import { partPath, removeParts } from "./parts.js";
/** @import { ExportProgress } from "../../types/job.js" */
/** @import { ExportPlan } from "../../types/plan.js" */
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
 * @returns {Promise<{ part: string, output: string }>} `part` is whole and on the disk.
 */
export async function makeAttempt(service, job, { attempt, alone, signal, onProgress }) {
  const { layout, pool, settings } = service;
  const allowedRoots = [layout.base, ...settings.allowedRoots];
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  /** @type {(() => void) | undefined} */
  let leave;
  let output = "";
  let part = "";
  /** @param {ExportPlan} plan */
  const onPlan = async (plan) => {
    output = await prepareOutput(layout, job.folder, plan.output.path, settings.allowedRoots);
    job.outputFolder = path.dirname(output);
    // Those in its own folder are gone by now.
    if (job.outputFolder !== job.folder.path) await removeParts(job.outputFolder, job.id, () => true);
    const turn = await awaitTurn(service, job, plan, { attempt, alone, signal: until });
    // The child may have ended at the same moment.
    if (until.aborted) turn();
    else leave = turn;
    part = partPath(job.outputFolder, job.id, job.claim.token, attempt);
    return { output: part };
  };
  try {
    const { render } = settings;
    const options = { ...render, mediaBasePath: layout.base, allowedRoots, signal, onProgress, onPlan };
    await pool.render(job.config, options);
    return { part, output };
  } finally {
    over.abort();
    leave?.();
  }
}

/**
 * @param {Service} service
 * @param {OwnedJob} job
 * @param {ExportPlan} plan
 * @param {{ attempt: number, alone: boolean, signal: AbortSignal }} options
 * @returns {Promise<() => void>} To be called when it has rendered.
 */
async function awaitTurn({ admission, settings, log }, job, plan, { attempt, alone, signal }) {
  const sinceMs = performance.now();
  const threads = settings.render.threads ?? os.availableParallelism();
  const { memoryBytes } = estimateCost(plan, { threads, sources: job.config.sources });
  const leave = await admission.admit({ bytes: memoryBytes, alone }, signal);
  const waitedMs = Math.round(performance.now() - sinceMs);
  log.info({ job: job.id, attempt, mode: plan.mode, memoryBytes, alone, waitedMs }, "rendering begins");
  return leave;
}
