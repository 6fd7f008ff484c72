// Removes what nobody needs any more of what processors keep for themselves.
import { lstat, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { unlessAbsent } from "./file_error.js";
/** @import { Service } from "./service.js" */

/** @param {Service} service */
export function createSweeper({ layout, claims, settings }) {
  /** @type {Map<string, number>} When each was first seen, by this process's monotonic clock. */
  let unneeded = new Map();

  /** What was unneeded at every look for as long as a lease. @param {string[]} found */
  function ripe(found) {
    const now = performance.now();
    unneeded = new Map(found.map((name) => [name, unneeded.get(name) ?? now]));
    return found.filter((name) => now - (unneeded.get(name) ?? now) >= settings.leaseMs);
  }

  /** Claims of jobs whose folders are gone. */
  async function orphans() {
    const ids = await claims.ids();
    const folders = await Promise.all(ids.map((id) => unlessAbsent(lstat(path.join(layout.exports, id)))));
    return ids.filter((_, i) => !folders[i]);
  }

  return async function sweep() {
    const left = ((await unlessAbsent(readdir(layout.staging))) ?? []).map((name) => path.join(layout.staging, name));
    const due = new Set(ripe([...(await orphans()), ...left]));
    for (const name of due) {
      if (path.isAbsolute(name)) await rm(name, { recursive: true, force: true });
      else await claims.forget(name);
    }
  };
}
