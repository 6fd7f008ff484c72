// Which folders are being read, as far as the system tells.
import { readdir, readlink } from "node:fs/promises";
import path from "node:path";

/**
 * @param {string} parent Real path.
 * @returns {Promise<Set<string>>} The names of those of its folders of which a process of this machine has a file open,
 * or the folder itself. Processes that may not be looked into are left out, and all of them where there is no /proc.
 */
export async function openFolders(parent) {
  const names = new Set();
  const processes = (await listed("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const folder = path.join("/proc", pid, "fd");
    for (const fd of await listed(folder)) {
      const target = await readlink(path.join(folder, fd)).catch(() => "");
      if (target.startsWith(`${parent}${path.sep}`)) names.add(target.slice(parent.length + 1).split(path.sep)[0]);
    }
  }
  return names;
}

/** @param {string} folder @returns {Promise<string[]>} */
async function listed(folder) {
  return readdir(folder).catch(() => []);
}
