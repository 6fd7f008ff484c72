// The files of this repository.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** @param {string[]} folders @param {string[]} endings @returns {string[]} Relative to the root, sorted. */
export function filesUnder(folders, endings) {
  const present = folders.filter((folder) => existsSync(path.join(root, folder)));
  const files = present.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file)),
  );
  return files.filter((file) => endings.some((ending) => file.endsWith(ending))).sort();
}
