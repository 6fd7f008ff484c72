// The children of a pool: started when needed, kept while they are fit, replaced when they are not.
import { startChild } from "./child.js";
import { runInChild } from "./child_job.js";
import { createCoreShares } from "./core_shares.js";
import { crashOf } from "./crash.js";
/** @import { Child } from "./child.js" */
/** @import { PoolOptions } from "../../types/children.js" */
/** @import { JobCallbacks, PoolJob } from "./pool.js" */

// Far longer than a child with nothing to do takes to end, unless it is stopped.
const END_TIMEOUT_MS = 2000;

/** @param {Required<Pick<PoolOptions, "maxJobsPerChild" | "maxRssBytes" | "log" | "execArgv">>} options */
export function createCrew({ maxJobsPerChild, maxRssBytes, log, execArgv }) {
  /** @type {Child[]} The one that worked last is the last. */
  const idle = [];
  /** @type {Set<Child>} */
  const living = new Set();
  const shares = createCoreShares();

  function start() {
    const child = startOrThrow(execArgv);
    living.add(child);
    log.debug({ pid: child.pid }, "child started");
    child.ended.then(({ code, signal }) => {
      living.delete(child);
      log.debug({ pid: child.pid, code, signal }, "child ended");
    });
    return child;
  }

  function nextFit() {
    for (let child = idle.pop(); child; child = idle.pop()) {
      if (child.isUsable()) return child;
    }
    return start();
  }

  /** @param {Child} child */
  function release(child) {
    if (!child.isUsable()) return;
    const { tasks, rssBytes } = child.usage();
    if (tasks < maxJobsPerChild && rssBytes <= maxRssBytes) return void idle.push(child);
    log.info({ pid: child.pid, jobs: tasks, rssBytes }, "child is renewed");
    child.dismiss();
  }

  return {
    /**
     * @param {PoolJob} job
     * @param {JobCallbacks} callbacks
     */
    async run(job, callbacks) {
      const child = nextFit();
      const share = shares.take();
      try {
        return await runInChild(child, job, share, callbacks);
      } finally {
        share.give();
        release(child);
      }
    },
    /** Resolves when every child is gone. */
    async dismiss() {
      for (const child of idle.splice(0)) child.dismiss();
      const timer = setTimeout(() => living.forEach((child) => child.kill()), END_TIMEOUT_MS);
      await Promise.all([...living].map((child) => child.ended));
      clearTimeout(timer);
    },
  };
}

/**
 * @param {readonly string[]} execArgv
 * @throws {import("../errors.js").MediaError} `ERR_CRASHED`
 */
function startOrThrow(execArgv) {
  try {
    return startChild(execArgv);
  } catch (error) {
    throw crashOf({ type: "ended", code: null, signal: null, error: /** @type {Error} */ (error), stderr: "" });
  }
}
