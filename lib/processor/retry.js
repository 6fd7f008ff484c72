// Whether and when a failed attempt is made again. Pure.
/** @import { MediaError } from "../errors.js" */

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

/**
 * @param {MediaError} error
 * @param {object} history
 * @param {number} history.attempt Which attempt it was, from 1.
 * @param {number} history.maxAttempts
 * @param {boolean} history.wasAlone Whether it had the machine for itself.
 * @param {() => number} [random] In [0, 1).
 * @returns {{ delayMs: number, alone: boolean } | null} Null: it fails for good.
 */
export function nextAttempt(error, { attempt, maxAttempts, wasAlone }, random = Math.random) {
  if (isKilled(error)) return wasAlone ? null : { delayMs: 0, alone: true };
  if (!error.retryable || attempt >= maxAttempts) return null;
  // Full jitter: those that failed together do not come back together.
  const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return { delayMs: Math.round(random() * most), alone: wasAlone };
}

/**
 * Whether the system ended the child, as it does when memory runs out.
 * @param {MediaError} error
 */
export function isKilled({ code, context }) {
  return code === "ERR_CRASHED" && context.signal === "SIGKILL";
}
