// The files that attempts write to before one of them is published: beside the output, so that renaming suffices.
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { unlessAbsent } from "./file_error.js";
import { STATUS } from "./job_folder.js";
import { shortOf } from "./layout.js";

const UNFINISHED_STATUS = new RegExp(`^\\.${STATUS.replace(".", "\\.")}\\.([0-9a-f]+)$`);

/**
 * @param {string} folder The output's.
 * @param {string} id
 * @param {string} token Of the claim.
 * @param {number} attempt From 1.
 */
export function partPath(folder, id, token, attempt) {
  return path.join(folder, `.opencut-${shortOf(id)}-${token}-${attempt}.part`);
}

/**
 * Removes what attempts at a job have left beside its output, the addon's own files for parts among it.
 * @param {string} folder The output's.
 * @param {string} id
 * @param {(token: string) => boolean} isLeft Of which claims.
 */
export async function removeParts(folder, id, isLeft) {
  await removeNamed(folder, [partPattern(id)], isLeft);
}

/**
 * Removes what owners of a job have left in its folder: parts, and status files that were not finished.
 * @param {string} folder The job's.
 * @param {string} id
 * @param {(token: string) => boolean} isLeft Of which claims.
 */
export async function removeLeftovers(folder, id, isLeft) {
  await removeNamed(folder, [partPattern(id), UNFINISHED_STATUS], isLeft);
}

/** @param {string} id */
function partPattern(id) {
  // The addon writes a file X to .X.<host>-<pid>-<n>.part first.
  return new RegExp(`^\\.{1,2}opencut-${shortOf(id)}-([0-9a-f]+)-\\d+\\.part`);
}

/** @param {string} folder @param {RegExp[]} patterns @param {(token: string) => boolean} isLeft */
async function removeNamed(folder, patterns, isLeft) {
  for (const name of (await unlessAbsent(readdir(folder))) ?? []) {
    const token = patterns.map((pattern) => pattern.exec(name)?.[1]).find((found) => found !== undefined);
    if (token !== undefined && isLeft(token)) await rm(path.join(folder, name), { force: true });
  }
}
