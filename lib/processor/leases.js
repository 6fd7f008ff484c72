// Who of the others shows no sign of life, as far as this process has seen.

/**
 * @param {object} options
 * @param {number} options.leaseMs
 * @param {() => number} [options.now] Milliseconds of a clock that only goes on. Never the wall's, which is set.
 */
export function createLeases({ leaseMs, now = () => performance.now() }) {
  /** @type {Map<string, { sign: string, sinceMs: number, seenMs: number }>} */
  const watched = new Map();

  /**
   * Looks once more.
   * @param {string} id
   * @param {string} sign Whatever changes as long as there is life.
   * @returns {boolean} Whether it has been the same at every look for `leaseMs`.
   */
  function isDead(id, sign) {
    const at = now();
    const before = watched.get(id);
    // Who has not looked for long was perhaps stopped, and the other with it.
    const isKnown = before?.sign === sign && at - before.seenMs < leaseMs;
    const sinceMs = isKnown ? before.sinceMs : at;
    watched.set(id, { sign, sinceMs, seenMs: at });
    return at - sinceMs >= leaseMs;
  }

  return { isDead, forget: (/** @type {string} */ id) => void watched.delete(id) };
}

/** @typedef {ReturnType<typeof createLeases>} Leases */
