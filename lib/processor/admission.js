// Which of the jobs that are ready may render now, by the memory that they need.

// As long as one may be passed by smaller ones that came later.
const PATIENCE_MS = 10_000;

/**
 * @typedef {object} Demand
 * @property {number} bytes
 * @property {boolean} [alone] Only while nothing else renders, and nothing else until it is over.
 *
 * @typedef {Demand & { sinceMs: number, grant: () => void }} Waiting
 */

/**
 * @param {object} options
 * @param {number} options.budgetBytes What those that render need together; one always may.
 * @param {number} [options.patienceMs]
 * @param {() => number} [options.now] Milliseconds of a clock that only goes on.
 */
export function createAdmission({ budgetBytes, patienceMs = PATIENCE_MS, now = () => performance.now() }) {
  /** @type {Set<Demand>} */
  const admitted = new Set();
  /** @type {Set<Waiting>} In the order in which they came. */
  const waiting = new Set();

  const reservedBytes = () => [...admitted].reduce((sum, { bytes }) => sum + bytes, 0);

  /** @param {Demand} demand */
  function fits({ bytes, alone }) {
    if (admitted.size === 0) return true;
    if (alone || [...admitted].some((other) => other.alone)) return false;
    return reservedBytes() + bytes <= budgetBytes;
  }

  function admitThoseThatFit() {
    for (const each of waiting) {
      if (fits(each)) {
        waiting.delete(each);
        admitted.add(each);
        each.grant();
      } else if (each.alone || now() - each.sinceMs >= patienceMs) {
        return;
      }
    }
  }

  /**
   * Resolves when it may render, with what is to be called when that is over.
   * @param {Demand} demand
   * @param {AbortSignal} signal
   * @returns {Promise<() => void>}
   */
  function admit(demand, signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const giveUp = () => {
        waiting.delete(entry);
        reject(signal.reason);
        admitThoseThatFit();
      };
      const leave = () => {
        if (admitted.delete(entry)) admitThoseThatFit();
      };
      /** @type {Waiting} */
      const entry = {
        ...demand,
        sinceMs: now(),
        grant() {
          signal.removeEventListener("abort", giveUp);
          resolve(leave);
        },
      };
      waiting.add(entry);
      signal.addEventListener("abort", giveUp);
      admitThoseThatFit();
    });
  }

  return { admit, reservedBytes, budgetBytes };
}

/** @typedef {ReturnType<typeof createAdmission>} Admission */
