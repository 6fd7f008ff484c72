// Notices that a job is not wanted any more: its folder goes away, its status is set to `cancelled`, or its config is
// another.
import { CONFIG } from "./job_folder.js";
import { isCancelled } from "./job_status.js";
/** @import { JobFolder } from "./job_folder.js" */

// Not by the system's telling of changes: it tells of each write to the file that is rendered as well.
const LOOK_INTERVAL_MS = 250;

/** @typedef {"cancelled" | "superseded"} Cancellation */

/**
 * @param {JobFolder} folder
 * @param {object} options
 * @param {string} options.job As claimed.
 * @param {string | null} options.configSign When its config was read; null where it has none that counts.
 * @param {() => boolean} options.isEnded From then on it is too late.
 * @param {(why: Cancellation) => void} options.onCancel Called at most once.
 * @returns {() => void} Stops it.
 */
export function watchForCancellation(folder, { job, configSign, isEnded, onCancel }) {
  const look = looker(folder, { job, configSign });
  let isBusy = false;
  let isOver = false;
  const timer = setInterval(async () => {
    if (isBusy || isEnded()) return;
    isBusy = true;
    try {
      const why = await look();
      if (!why || isOver) return;
      stop();
      onCancel(why);
    } catch {
      // What cannot be looked at now is looked at again.
    } finally {
      isBusy = false;
    }
  }, LOOK_INTERVAL_MS);
  function stop() {
    isOver = true;
    clearInterval(timer);
  }
  return stop;
}

/**
 * @param {JobFolder} folder
 * @param {{ job: string, configSign: string | null }} options
 */
function looker(folder, { job, configSign }) {
  /** @type {string | undefined} */
  let statusSign;
  let seenConfigSign = configSign;

  async function isUnwanted() {
    const { content, sign } = await folder.readStatus();
    // With its folder a status goes, or becomes another's.
    if (sign === statusSign && sign !== "") return false;
    if (!(await folder.isThere())) return true;
    statusSign = sign;
    return isCancelled(content);
  }

  async function isAnother() {
    const sign = await folder.signOf(CONFIG);
    if (sign === seenConfigSign) return false;
    const config = await folder.readConfig();
    seenConfigSign = config.sign;
    // None is no other: of a folder that is being removed it may go first.
    return config.content.kind !== "absent" && config.job !== job;
  }

  return async () => {
    if (await isUnwanted()) return "cancelled";
    if (configSign === null || !(await isAnother())) return null;
    return (await folder.isThere()) ? "superseded" : "cancelled";
  };
}
