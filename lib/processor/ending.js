// How a claimed job ends: published, failed, or left to others.
import { lstat, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { asFileError, isAbsence, systemCode } from "./file_error.js";
import { completedStatus, failedStatus, pendingStatus } from "./job_status.js";
import { carryOut, commit, discard } from "./publication.js";
/** @import { MediaError } from "../errors.js" */
/** @import { JobStatus } from "../../types/processor.js" */
/** @import { Published } from "./claim_records.js" */
/** @import { OwnedJob } from "./owned_job.js" */
/** @import { Service } from "./service.js" */
/** @import { Why } from "./stopped.js" */

const RETRY_INTERVAL_MS = 1000;
// Which may pass without anybody's doing to the job.
const PASSING = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE", "EAGAIN", "EBUSY", "ETIMEDOUT"]);

/**
 * @param {Service} service
 * @param {OwnedJob} owned
 * @param {string} part
 * @param {string} output
 * @returns {Promise<"completed" | "failed" | Why>}
 */
export async function publish(service, owned, part, output) {
  const { claims, layout, log, counts } = service;
  owned.dropProgress();
  owned.stop.signal.throwIfAborted();
  const end = await insist(owned, () => commit(claims, owned.claim, layout, part, output));
  if (!end) return leave(service, owned, "lost");
  owned.isEnded = true;
  try {
    if (!(await giveName(service, owned, end))) return "cancelled";
    const written = await persist(owned, completedStatus(owned.id));
    if (written === "cancelled") await rm(output, { force: true });
    if (written === "cancelled" || written === "gone") return "cancelled";
    counts.bytesPublished += end.bytes;
    return "completed";
  } catch (error) {
    const failure = asFileError(error, "The output cannot be given its name");
    log.error({ job: owned.id, code: failure.code, error: failure.message }, "job cannot be done");
    await discard(layout, end);
    await persist(owned, failedStatus(owned.id, failure.toJSON(), owned.progress));
    return "failed";
  }
}

/**
 * @param {Service} service
 * @param {OwnedJob} owned
 * @param {Published} end
 * @returns {Promise<boolean>} False: the job's folder is gone.
 */
async function giveName({ layout, claims }, owned, end) {
  if ((await owned.folder.isThere()) && (await insist(owned, () => carryOut(layout, end)))) return true;
  await discard(layout, end);
  await claims.forget(owned.id);
  return false;
}

/** @param {Service} service @param {OwnedJob} owned @param {MediaError} error @returns {Promise<"failed" | Why>} */
export async function fail({ claims, log }, owned, error) {
  owned.dropProgress();
  await owned.removeParts();
  const end = { outcome: /** @type {const} */ ("failed"), error: error.toJSON() };
  if (!(await insist(owned, () => claims.finish(owned.claim, end)))) return "lost";
  owned.isEnded = true;
  log.error({ job: owned.id, code: error.code, error: error.message, context: error.context }, "job cannot be done");
  const written = await persist(owned, failedStatus(owned.id, error.toJSON(), owned.progress));
  return written === "cancelled" || written === "gone" ? "cancelled" : "failed";
}

/** @param {Service} service @param {OwnedJob} owned @param {Why} why @returns {Promise<Why>} */
export async function leave({ claims, log }, owned, why) {
  owned.dropProgress();
  try {
    await owned.removeParts();
    if (why === "lost") return why;
    if (why === "handed back") await owned.status.write(pendingStatus(owned.id));
    owned.isEnded = true;
    await claims.finish(owned.claim, { outcome: why === "handed back" ? "released" : why });
    const isGone = await lstat(owned.folder.path).then(() => false, isAbsence);
    if (isGone) await claims.forget(owned.id);
  } catch (error) {
    log.warn({ job: owned.id, error: String(error) }, `a job that was ${why} cannot be tidied up`);
  }
  return why;
}

/** Writes a job's last status. @param {OwnedJob} owned @param {JobStatus} status */
function persist(owned, status) {
  return insist(owned, () => owned.status.write(status));
}

/**
 * Does what must be done at the end of a job, however long the disk is full; until the job is to be handed back.
 * @template T
 * @param {OwnedJob} owned
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function insist(owned, work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!PASSING.has(systemCode(error) ?? "") || owned.handBack.aborted) throw error;
      await sleep(RETRY_INTERVAL_MS);
    }
  }
}
