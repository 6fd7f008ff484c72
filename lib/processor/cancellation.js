// Notices that a job is not wanted any more: its folder goes away, its status is set to `cancelled`, or its config is
// another.
import { watch } from "node:fs";
import { CONFIG, STATUS } from "./job_folder.js";
/** @import { JobFolder } from "./job_folder.js" */
/** @import { StatusWriter } from "./status_file.js" */

// Where the system does not tell of changes, as on network file systems.
const LOOK_INTERVAL_MS = 250;

/** @typedef {"cancelled" | "superseded"} Cancellation */

/**
 * @param {JobFolder} folder
 * @param {object} options
 * @param {StatusWriter} options.status
 * @param {string} options.job As claimed.
 * @param {boolean} options.hasConfigFile
 * @param {(why: Cancellation) => void} options.onCancel Called at most once.
 * @returns {() => void} Stops it.
 */
export function watchForCancellation(folder, { status, job, hasConfigFile, onCancel }) {
  // Not what is rendered: it changes all the time.
  const isTelling = (/** @type {string} */ name) => [STATUS, CONFIG, folder.id].includes(name);
  const look = looker(folder, { status, job, hasConfigFile });
  let isOver = false;
  let isBusy = false;
  let isAsked = false;

  async function lookOnce() {
    isAsked = true;
    if (isBusy || isOver) return;
    isBusy = true;
    try {
      while (isAsked && !isOver) {
        isAsked = false;
        const why = await look();
        if (!why || isOver) continue;
        stop();
        onCancel(why);
      }
    } catch {
      // What cannot be looked at now is looked at again.
    } finally {
      isBusy = false;
    }
  }

  const timer = setInterval(lookOnce, LOOK_INTERVAL_MS);
  const watcher = startWatcher(folder.path, isTelling, lookOnce);
  function stop() {
    isOver = true;
    clearInterval(timer);
    watcher?.close();
  }
  return stop;
}

/**
 * @param {JobFolder} folder
 * @param {{ status: StatusWriter, job: string, hasConfigFile: boolean }} options
 */
function looker(folder, { status, job, hasConfigFile }) {
  const seen = { [STATUS]: "", [CONFIG]: "" };
  /** @param {typeof STATUS | typeof CONFIG} name */
  async function hasChanged(name) {
    const sign = await folder.signOf(name);
    const changed = sign !== seen[name];
    seen[name] = sign;
    return changed;
  }
  return async () => {
    if (!(await folder.isThere())) return "cancelled";
    if ((await hasChanged(STATUS)) && (await status.isCancelled())) return "cancelled";
    if (!hasConfigFile || !(await hasChanged(CONFIG))) return null;
    const config = await folder.readConfig();
    // None is no other: of a folder that is being removed it may go first.
    if (config.content.kind === "absent" || config.job === job) return null;
    return (await folder.isThere()) ? "superseded" : "cancelled";
  };
}

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
