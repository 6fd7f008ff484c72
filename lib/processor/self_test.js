// Whether a file system keeps what claims are built on. Some network and user-space ones do not.
import { constants } from "node:fs";
import { access, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { MediaError } from "../errors.js";
import { asFileError, systemCode } from "./file_error.js";
import { createWhole, newToken } from "./records.js";
/** @import { Layout } from "./layout.js" */

/**
 * Makes the processors' own folders and tries them.
 * @param {Layout} layout
 * @throws {MediaError} `ERR_FS`
 */
export async function prepareBase({ base, exports, claims, staging, health }) {
  try {
    await access(base, constants.W_OK);
    for (const folder of [exports, claims, staging, health]) await mkdir(folder, { recursive: true });
    const trial = path.join(staging, newToken());
    await mkdir(trial);
    try {
      const failed = await firstFailure(staging, trial);
      if (failed) throw unfit(base, failed);
    } finally {
      await rm(trial, { recursive: true, force: true });
    }
  } catch (error) {
    throw asFileError(error, "The media base cannot be written");
  }
}

/**
 * @param {string} staging
 * @param {string} trial
 * @returns {Promise<string | null>} What does not hold.
 */
async function firstFailure(staging, trial) {
  const target = path.join(trial, "record");
  const made = await Promise.all(["a", "b", "c"].map((text) => createWhole(staging, target, { name: "text", text })));
  if (made.filter(Boolean).length !== 1) return "a folder can be renamed onto another that is not empty";
  const kept = await readFile(path.join(target, "text"), "utf8");
  if (kept !== "abc"[made.indexOf(true)]) return "a folder that was renamed is not where it was renamed to";
  if (!(await isExclusive(path.join(trial, "exclusive")))) return "a file can be created where there is one";
  const [aside, name] = [path.join(trial, "aside"), path.join(trial, "name")];
  await writeFile(name, "old");
  await writeFile(aside, "new");
  await rename(aside, name);
  return (await readFile(name, "utf8")) === "new" ? null : "a file that is renamed onto another does not replace it";
}

/** @param {string} file */
async function isExclusive(file) {
  await writeFile(file, "");
  try {
    const handle = await open(file, "wx");
    await handle.close();
    return false;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return true;
    throw error;
  }
}

/** @param {string} base @param {string} problem */
function unfit(base, problem) {
  return new MediaError("ERR_FS", `The file system of ${base} cannot hold jobs: ${problem}`, {
    context: { path: base },
    hint: "Use a local disk, or NFS version 4.",
    retryable: false,
  });
}
