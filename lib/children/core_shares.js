// The cores that jobs of several processes share: who uses them now.

/**
 * @typedef {object} CoreShare
 * @property {() => number} jobsElsewhere How many others use the cores.
 * @property {<T>(waiting: Promise<T>) => Promise<T>} leaveWhile Uses none while it waits.
 * @property {() => void} give
 */

export function createCoreShares() {
  /** @type {Set<{ waits: boolean }>} */
  const jobs = new Set();
  return {
    /** @returns {CoreShare} Owes a `give`. */
    take() {
      const own = { waits: false };
      jobs.add(own);
      return {
        jobsElsewhere: () => [...jobs].filter((job) => job !== own && !job.waits).length,
        async leaveWhile(waiting) {
          own.waits = true;
          try {
            return await waiting;
          } finally {
            own.waits = false;
          }
        },
        give: () => void jobs.delete(own),
      };
    },
  };
}
