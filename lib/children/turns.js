// Who may go on: a fixed number at a time, in the order they came.

/** @param {number} size How many may go on at the same time. */
export function createTurns(size) {
  /** @type {Set<() => void>} In the order they came. */
  const waiting = new Set();
  let free = size;
  return {
    /**
     * Resolves when it is the caller's turn, who then owes a `give`. Rejects with the signal's reason.
     * @param {AbortSignal} signal
     */
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) return void free--;
      /** @type {(() => void) | undefined} */
      let leave;
      try {
        await new Promise((resolve, reject) => {
          const go = () => resolve(undefined);
          leave = () => {
            waiting.delete(go);
            reject(signal.reason);
          };
          waiting.add(go);
          signal.addEventListener("abort", leave);
        });
      } finally {
        if (leave) signal.removeEventListener("abort", leave);
      }
    },
    give() {
      const [next] = waiting;
      if (!next) return void free++;
      waiting.delete(next);
      next();
    },
  };
}
