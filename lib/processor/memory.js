// How much memory this process may use.
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

// The rest is for the page cache, which sources are read through, and for whoever else is there.
const SHARE = 0.8;

/** @returns {number} Bytes: a share of the cgroup's limit, or of the machine's memory where there is none. */
export function defaultMemoryBudget() {
  return Math.floor(SHARE * Math.min(os.totalmem(), cgroupLimit()));
}

/** The smallest limit from this process's cgroup up. @returns {number} Bytes; Infinity where there is none. */
function cgroupLimit() {
  const own = /^0::(.*)$/m.exec(read("/proc/self/cgroup"))?.[1] ?? "/";
  const files = ["/sys/fs/cgroup/memory/memory.limit_in_bytes"];
  for (let folder = own; ; folder = path.dirname(folder)) {
    files.push(path.join("/sys/fs/cgroup", folder, "memory.max"));
    if (folder === path.dirname(folder)) break;
  }
  const limits = files.map((file) => Number.parseInt(read(file), 10));
  return Math.min(...limits.filter((bytes) => bytes > 0), Infinity);
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
