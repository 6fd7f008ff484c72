// Giving an attempt's file its name: once, whatever happens to whom.
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { isAbsence, unlessAbsent } from "./file_error.js";
/** @import { Claim, Published } from "./claim_records.js" */
/** @import { Claims } from "./claims.js" */
/** @import { Layout } from "./layout.js" */

/**
 * The record that decides: after it nobody else's file becomes this job's output, and whoever finds it can do the rest.
 * @param {Claims} claims
 * @param {Claim} claim
 * @param {Layout} layout
 * @param {string} part Whole and on the disk.
 * @param {string} output
 * @returns {Promise<Published | null>} Null: the claim is not its owner's any more.
 */
export async function commit(claims, claim, { base }, part, output) {
  const { ino, size } = await stat(part, { bigint: true });
  const end = /** @type {Published} */ ({
    outcome: "published",
    part: fromBase(base, part),
    output: fromBase(base, output),
    ino: String(ino),
    bytes: Number(size),
  });
  return (await claims.finish(claim, end)) ? end : null;
}

/**
 * Carries the record out, or finds that it has been. By any number of processes, any number of times.
 * @param {Layout} layout
 * @param {Published} end
 * @returns {Promise<boolean>} False: there is neither the part nor the output.
 */
export async function carryOut({ base }, end) {
  const [part, output] = [path.resolve(base, end.part), path.resolve(base, end.output)];
  try {
    await rename(part, output);
    return true;
  } catch (error) {
    if (isAbsence(error)) return isFile(output, end);
    throw error;
  }
}

/** @param {Layout} layout @param {Published} end */
export async function discard({ base }, end) {
  await rm(path.resolve(base, end.part), { force: true });
}

/** @param {string} output @param {Published} end */
async function isFile(output, { ino, bytes }) {
  const found = await unlessAbsent(stat(output, { bigint: true }));
  return found !== undefined && String(found.ino) === ino && Number(found.size) === bytes;
}

/** Another machine may have the base elsewhere. @param {string} base @param {string} file */
function fromBase(base, file) {
  const relative = path.relative(base, file);
  return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}
