// Folders that are made whole or not at all, and by one only: what claims and their ends are.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAbsence, systemCode, unlessAbsent } from "./file_error.js";

/**
 * @typedef {object} WholeFile
 * @property {string} [in] A folder of its own in the folder that is made.
 * @property {string} name
 * @property {string} text
 */

/** A name that nobody else has. */
export function newToken() {
  return randomBytes(12).toString("hex");
}

/**
 * Makes the folder `target`, which holds one file. A folder is renamed onto another only if that is empty, on every
 * system, and these never are: of any number of callers one makes it, and whoever sees it sees all of it.
 * @param {string} staging On the same file system.
 * @param {string} target
 * @param {WholeFile} file
 * @returns {Promise<boolean>} False: it is there already, made by another.
 * @throws The system's error; an absence where the folder it belongs into is not there.
 */
export async function createWhole(staging, target, file) {
  const prepared = path.join(staging, newToken());
  try {
    // Recursive: where no processor was ever started there is no staging either.
    await mkdir(path.join(prepared, file.in ?? ""), { recursive: true });
    await writeFile(path.join(prepared, file.in ?? "", file.name), file.text);
    await rename(prepared, target);
    return true;
  } catch (error) {
    // What cannot be removed now is swept away later.
    await rm(prepared, { recursive: true, force: true }).catch(() => {});
    const exists = ["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "");
    if (!exists && !isAbsence(error)) throw error;
    // A network file system may have done what was asked, lost its answer and been asked again.
    if (await holds(target, file)) return true;
    if (exists) return false;
    throw error;
  }
}

/** @param {string} target @param {WholeFile} file */
async function holds(target, file) {
  return (await unlessAbsent(readFile(path.join(target, file.in ?? "", file.name), "utf8"))) === file.text;
}

/**
 * Takes a folder away in one step, so that whoever still counts on it finds it whole or not at all.
 * @param {string} staging
 * @param {string} target
 */
export async function removeWhole(staging, target) {
  const aside = path.join(staging, newToken());
  try {
    await rename(target, aside);
  } catch (error) {
    if (isAbsence(error)) return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
