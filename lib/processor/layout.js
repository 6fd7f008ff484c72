// Where a base's jobs lie, and what processors keep about them.
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { MediaError } from "../errors.js";
import { asFileError } from "./file_error.js";

// What a folder's name may be on any system, in a URL and beside an ending; never "." or "..".
const JOB_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** @param {string} id */
export function isJobId(id) {
  return JOB_ID.test(id);
}

/** @param {string} id */
export function requireJobId(id) {
  if (isJobId(id)) return;
  throw new MediaError("ERR_BAD_ARGS", `${JSON.stringify(id.slice(0, 200))} cannot be the id of a job`, {
    hint: "An id has 1 to 128 letters, digits, dots, hyphens and underscores, and does not begin with a dot.",
  });
}

/**
 * @typedef {object} Layout
 * @property {string} base Absolute, symbolic links followed.
 * @property {string} exports
 * @property {string} claims
 * @property {string} staging What is made whole or removed there is renamed from or to another place.
 * @property {string} health
 */

/**
 * @param {string | undefined} mediaBasePath
 * @returns {Promise<Layout>}
 * @throws {MediaError} `ERR_BAD_ARGS`: there is none. `ERR_FS`: it cannot be found.
 */
export async function findLayout(mediaBasePath) {
  const given = mediaBasePath || process.env.MEDIA_BASE_PATH;
  if (!given) {
    throw new MediaError("ERR_BAD_ARGS", "There is no media base", {
      hint: "Set MEDIA_BASE_PATH to the folder that holds exports/ and sources/, or give mediaBasePath.",
      context: { jsonPath: "options.mediaBasePath" },
    });
  }
  const base = await realpath(path.resolve(given)).catch((error) => {
    throw asFileError(error, "The media base cannot be found");
  });
  const own = path.join(base, ".opencut");
  return {
    base,
    exports: path.join(base, "exports"),
    claims: path.join(own, "claims"),
    staging: path.join(own, "staging"),
    health: path.join(own, "health"),
  };
}

/**
 * Stands for an id in the names of files, which must not grow with it.
 * @param {string} id
 */
export function shortOf(id) {
  return createHash("sha256").update(id).digest("hex").slice(0, 12);
}
