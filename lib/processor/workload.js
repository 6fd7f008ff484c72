// The jobs that one processor has at hand: some at a time, oldest first.
import { runJob } from "./run_job.js";
/** @import { Service } from "./service.js" */

/**
 * @param {Service} service
 * @param {object} options
 * @param {number} options.concurrency
 * @param {AbortSignal} options.handBack Hands back all of them.
 * @param {() => void} options.onIdle Called when a place is free and nothing waits for it.
 */
export function createWorkload(service, { concurrency, handBack, onIdle }) {
  const { counts, log } = service;
  /** @type {Map<string, Promise<void>>} */
  const running = new Map();
  /** @type {string[]} Oldest first. */
  let waiting = [];
  let isClosed = false;

  function fill() {
    while (!isClosed && running.size < concurrency && waiting.length > 0)
      begin(/** @type {string} */ (waiting.shift()));
    counts.jobsRunning = running.size;
    counts.jobsWaiting = waiting.length;
  }

  /** @param {string} id */
  function begin(id) {
    if (running.has(id)) return;
    const done = run(id).finally(() => {
      running.delete(id);
      fill();
    });
    running.set(id, done);
  }

  /** @param {string} id */
  async function run(id) {
    try {
      const outcome = await runJob(service, id, { handBack });
      // One that was left was somebody else's, or will be looked at when it is time.
      if (outcome !== "left" && waiting.length === 0) onIdle();
    } catch (error) {
      log.error({ job: id, error: String(error) }, "job cannot be processed for now");
    }
  }

  return {
    /** Replaces those that wait. @param {string[]} ids */
    offer(ids) {
      waiting = ids.filter((id) => !running.has(id));
      fill();
    },
    isRunning: (/** @type {string} */ id) => running.has(id),
    isFull: () => running.size >= concurrency,
    /** Begins no more. Resolves when none is running. */
    async close() {
      isClosed = true;
      waiting = [];
      fill();
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

/** @typedef {ReturnType<typeof createWorkload>} Workload */
