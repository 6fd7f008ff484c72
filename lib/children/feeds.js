// What a child tells while it works, held back where its parent is slow to take it.
/** @import { ExportProgress, LogLine } from "../../types/job.js" */
/** @import { ChildMessage } from "../../types/children.js" */

/** @typedef {(message: ChildMessage, onSent: () => void) => void} Send */

// Lines on their way; more than that are dropped and counted.
const MOST_LINES = 1000;

/**
 * Sends the latest state once the one before has gone out.
 * @param {Send} send
 */
export function createProgressFeed(send) {
  /** @type {ExportProgress | undefined} */
  let latest;
  let sending = false;
  const next = () => {
    sending = latest !== undefined;
    if (latest === undefined) return;
    const value = latest;
    latest = undefined;
    send({ type: "progress", value }, next);
  };
  return {
    /** @param {ExportProgress} progress */
    put(progress) {
      latest = progress;
      if (!sending) next();
    },
    /** Sends what is held back: the last state is the one that says it is done. */
    end: next,
  };
}

/** @param {Send} send */
export function createLogFeed(send) {
  let onTheirWay = 0;
  let dropped = 0;
  const sent = () => void onTheirWay--;
  return {
    /** @param {LogLine} line */
    put(line) {
      if (onTheirWay >= MOST_LINES) {
        dropped += 1 + line.dropped;
        return;
      }
      onTheirWay++;
      send({ type: "log", value: { ...line, dropped: line.dropped + dropped } }, sent);
      dropped = 0;
    },
  };
}
