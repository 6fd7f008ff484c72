// Where a job's output may lie, and its folder.
import { lstat, mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { MediaError } from "../errors.js";
import { asFileError, isAbsence, unlessAbsent } from "./file_error.js";
import { CONFIG, STATUS } from "./job_folder.js";
/** @import { JobFolder } from "./job_folder.js" */
/** @import { Layout } from "./layout.js" */

/**
 * Makes the output's folder where it is missing; never the job's own, which its owner has removed then.
 * @param {Layout} layout
 * @param {JobFolder} folder
 * @param {string} output Absolute.
 * @param {readonly string[]} allowedRoots Besides the base.
 * @returns {Promise<string>} The output's path, links followed but for its own name.
 * @throws {MediaError} `ERR_BAD_ARGS`: it would lie outside its place, or replace what is not the job's. `ERR_FS`.
 */
export async function prepareOutput(layout, folder, output, allowedRoots) {
  try {
    const parent = path.dirname(output);
    const place = path.join(await realFolder(parent), path.basename(output));
    requirePlace(layout, folder, place, [layout.base, ...(await realRoots(allowedRoots))]);
    await makeFolders(folder, path.dirname(place));
    const there = await unlessAbsent(lstat(place));
    if (there?.isDirectory()) {
      throw new MediaError("ERR_FS", `${output} is a folder`, {
        context: { path: output, system: "EISDIR" },
        retryable: false,
      });
    }
    return place;
  } catch (error) {
    throw asFileError(error, "The output's folder cannot be made");
  }
}

/** Links followed, as far as it is there. @param {string} folder @returns {Promise<string>} */
async function realFolder(folder) {
  const real = await unlessAbsent(realpath(folder));
  if (real !== undefined) return real;
  const existing = await nearestExisting(folder);
  return path.join(await realpath(existing), path.relative(existing, folder));
}

/** @param {string} folder @returns {Promise<string>} */
async function nearestExisting(folder) {
  const there = await unlessAbsent(lstat(folder));
  return there || folder === path.dirname(folder) ? folder : nearestExisting(path.dirname(folder));
}

/** @param {readonly string[]} roots */
async function realRoots(roots) {
  const found = await Promise.all(roots.map((root) => unlessAbsent(realpath(root))));
  return found.filter((root) => root !== undefined);
}

/** @param {Layout} layout @param {JobFolder} folder @param {string} place @param {string[]} roots */
function requirePlace(layout, folder, place, roots) {
  const inside = (/** @type {string} */ root) => isUnder(place, root);
  if (!roots.some(inside)) throw refused(place, "lies outside the media base");
  const own = [path.dirname(layout.claims), path.join(layout.base, "sources")];
  if (own.some(inside)) throw refused(place, "lies among the sources, or in what processors keep for themselves");
  if (inside(layout.exports) && !isUnder(place, folder.path)) throw refused(place, "lies in another job's folder");
  if ([CONFIG, STATUS].some((name) => place === folder.file(name)))
    throw refused(place, "is one of the job's own files");
}

/**
 * @param {JobFolder} folder
 * @param {string} parent
 */
async function makeFolders(folder, parent) {
  if (!isUnder(parent, folder.path)) {
    await mkdir(parent, { recursive: true });
    return;
  }
  let made = folder.path;
  for (const name of path.relative(folder.path, parent).split(path.sep)) {
    if (name === "") continue;
    made = path.join(made, name);
    await mkdir(made).catch((error) => {
      if (error.code !== "EEXIST" && !isAbsence(error)) throw error;
    });
  }
}

/** @param {string} file @param {string} root */
function isUnder(file, root) {
  const relative = path.relative(root, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** @param {string} place @param {string} problem */
function refused(place, problem) {
  return new MediaError("ERR_BAD_ARGS", `output.filePath (${place}) ${problem}`, {
    context: { path: place, jsonPath: "output.filePath" },
    hint: "Give a path in the job's own folder: exports/<id>/output.mp4.",
  });
}
