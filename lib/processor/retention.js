// Removes jobs that are over, when there are too many of them, or they are too old or too large.
import { lstat, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { isAbsence, unlessAbsent } from "./file_error.js";
import { STATUS } from "./job_folder.js";
import { openFolders } from "./open_files.js";
import { removeWhole } from "./records.js";
import { signOf } from "./small_file.js";
/** @import { RetentionOptions } from "../../types/processor.js" */
/** @import { Scanner } from "./scan.js" */
/** @import { Service } from "./service.js" */

/**
 * @typedef {object} Kept
 * @property {string} id
 * @property {string} sign
 * @property {number} endedMs By the file system's clock.
 * @property {number} bytes
 * @property {boolean} isInGrace
 */

/**
 * Which of them have to go: pure.
 * @param {Kept[]} jobs
 * @param {Required<RetentionOptions>} limits
 * @param {number} nowMs By the same clock as `endedMs`.
 */
export function surplus(jobs, { maxAgeMs, maxCount, maxBytes }, nowMs) {
  const newestFirst = jobs.toSorted((a, b) => b.endedMs - a.endedMs);
  let [count, bytes] = [0, 0];
  return newestFirst.filter((job) => {
    count++;
    bytes += job.bytes;
    const isTooMuch = nowMs - job.endedMs > maxAgeMs || count > maxCount || bytes > maxBytes;
    return isTooMuch && !job.isInGrace;
  });
}

/**
 * @param {Service} service
 * @param {Scanner} scanner
 * @param {Required<RetentionOptions>} limits
 */
export async function removeSurplus({ layout, claims, log, counts }, scanner, limits) {
  const found = await Promise.all(scanner.over().map((job) => describe(layout.exports, job, limits.graceMs)));
  const due = surplus(
    found.filter((job) => job !== null),
    limits,
    Date.now(),
  );
  if (due.length === 0) return;
  const open = await openFolders(layout.exports);
  for (const { id, sign, bytes } of due) {
    const folder = path.join(layout.exports, id);
    // Submitted again, or read, in the meantime.
    if (open.has(id) || (await signOf(path.join(folder, STATUS))) !== sign) continue;
    await removeFolder(layout.staging, folder);
    await claims.forget(id);
    counts.jobsRemoved++;
    log.info({ job: id, bytes }, "job removed");
  }
}

/**
 * @param {string} exports
 * @param {{ id: string, sign: string, sinceMs: number }} job
 * @param {number} graceMs
 * @returns {Promise<Kept | null>}
 */
async function describe(exports, { id, sign, sinceMs }, graceMs) {
  const folder = path.join(exports, id);
  const status = await unlessAbsent(lstat(path.join(folder, STATUS)));
  if (!status) return null;
  // By this process's own clock as well: the other one may have been set.
  const graceLeftMs = graceMs - Math.min(performance.now() - sinceMs, Date.now() - status.mtimeMs);
  return { id, sign, endedMs: status.mtimeMs, bytes: await bytesIn(folder), isInGrace: graceLeftMs > 0 };
}

/** @param {string} folder @returns {Promise<number>} */
async function bytesIn(folder) {
  const names = (await unlessAbsent(readdir(folder, { recursive: true }))) ?? [];
  const stats = await Promise.all(names.map((name) => unlessAbsent(lstat(path.join(folder, name)))));
  return stats.reduce((sum, stat) => sum + (stat?.isFile() ? stat.size : 0), 0);
}

/** @param {string} staging @param {string} folder */
async function removeFolder(staging, folder) {
  try {
    await removeWhole(staging, folder);
  } catch (error) {
    if (isAbsence(error)) return;
    await rm(folder, { recursive: true, force: true }); // On another file system.
  }
}
