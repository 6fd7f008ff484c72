// Who of the others shows no sign of life, as far as this process has seen.

/**
 * @param {object} options
 * @param {number} options.leaseMs
 * @param {() => number} [options.now] Milliseconds of a clock that only goes on. Never the wall's, which is set.
 */
export function createLeases({ leaseMs, now = () => performance.now() }) {
  /** @type {Map<string, { sign: string, sinceMs: number, seenMs: number }>} */
  const watched = new Map();
  let prunedMs = now();

  /** What was not looked at for so long would be counted anew. @param {number} at */
  function prune(at) {
    if (at - prunedMs < leaseMs) return;
    prunedMs = at;
    for (const [id, { seenMs }] of watched) if (at - seenMs >= leaseMs) watched.delete(id);
  }

  /**
   * Looks once more.
   * @param {string} id
   * @param {string} sign Whatever changes as long as there is life.
   * @returns {boolean} Whether it has been the same at every look for `leaseMs`.
   */
  function isDead(id, sign) {
    const at = now();
    prune(at);
    const before = watched.get(id);
    // Who has not looked for long was perhaps stopped, and the other with it.
    const isKnown = before?.sign === sign && at - before.seenMs < leaseMs;
    const sinceMs = isKnown ? before.sinceMs : at;
    watched.set(id, { sign, sinceMs, seenMs: at });
    return at - sinceMs >= leaseMs;
  }

  return {
    isDead,
    /** How many are remembered, which must not grow with the jobs that there ever were. */
    watchedCount: () => watched.size,
  };
}

/** @typedef {ReturnType<typeof createLeases>} Leases */
