// Where the system tells that something has changed in a folder.
import { watch } from "node:fs";

/**
 * Calls back at once where the system tells of changes.
 * @param {string} folder
 * @param {(name: string) => boolean} isTelling Whether the change of a file of this name, or of the folder by its own,
 * is of interest.
 * @param {(name: string | null) => void} onChange The name is null where the system does not tell it.
 */
export function startWatcher(folder, isTelling, onChange) {
  try {
    return watch(folder, { persistent: false }, (_, name) => {
      if (!name || isTelling(name)) onChange(name);
    }).on("error", () => {});
  } catch {
    return undefined; // The system has no watch left, or the folder is gone.
  }
}
