// Looks again and again: after an interval, and soon after something has changed. One look at a time.

// Of what comes together, such as a folder and its files, one look sees all.
const SOON_MS = 20;

/**
 * @param {object} options
 * @param {number} options.intervalMs
 * @param {() => Promise<void>} options.look Must not reject.
 */
export function createLookout({ intervalMs, look }) {
  let isOver = false;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let dueMs = Infinity;
  let isLooking = false;
  let current = Promise.resolve();

  /** @param {number} inMs */
  function schedule(inMs) {
    const atMs = performance.now() + inMs;
    if (isOver || atMs >= dueMs) return;
    dueMs = atMs;
    clearTimeout(timer);
    if (!isLooking) timer = setTimeout(begin, inMs);
  }

  function begin() {
    dueMs = Infinity;
    isLooking = true;
    current = look().finally(() => {
      isLooking = false;
      const askedAtMs = dueMs;
      dueMs = Infinity;
      schedule(Math.max(0, Math.min(askedAtMs - performance.now(), intervalMs)));
    });
  }

  return {
    start: () => schedule(0),
    soon: () => schedule(SOON_MS),
    /** Resolves when no look is under way. */
    async stop() {
      isOver = true;
      clearTimeout(timer);
      await current;
    },
  };
}
