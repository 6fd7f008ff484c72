// Small disks of their own, where the system lets us mount them.
import { spawnSync } from "node:child_process";
import { temporaryFolder } from "./footage.js";

const mount = (...args) => spawnSync("mount", args).status === 0;

/**
 * A tmpfs, unmounted when the process ends; null where it may not be mounted.
 * @param {number} mebibytes
 */
export function smallDisk(mebibytes) {
  const folder = temporaryFolder();
  if (!mount("-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder)) return null;
  // Before the listener that removes the folder.
  process.prependListener("exit", () => spawnSync("umount", ["--lazy", folder]));
  return folder;
}

/** @param {string} disk */
export const makeReadOnly = (disk) => mount("-o", "remount,ro", disk);
