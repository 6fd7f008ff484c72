// Looks which jobs of a base wait to be processed, oldest first.
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { signOfLife } from "./claiming.js";
import { unlessAbsent } from "./file_error.js";
import { CONFIG, readStatusIn, STATUS } from "./job_folder.js";
import { isJobId } from "./layout.js";
import { removeLeftovers } from "./parts.js";
import { signOf } from "./small_file.js";
import { stageOf } from "./verdict.js";
/** @import { Claim } from "./claim_records.js" */
/** @import { Service } from "./service.js" */
/** @import { Stage } from "./verdict.js" */

// What does not parse may be half written.
const SECOND_LOOK_MS = 1000;
// Of jobs that are over, of which there may be thousands, and which hardly ever become something else.
const MOST_OVER_A_LOOK = 100;

/**
 * What was seen of a job at the last look; it is looked at again when its status file is another.
 * @typedef {object} Seen
 * @property {string} sign
 * @property {Stage} stage
 * @property {number} sinceMs Since when, by this process's monotonic clock.
 * @property {number} orderMs When it was submitted, by the file system's clock: nothing but an order.
 * @property {boolean} isTidy Over, and nobody's.
 */

/** @param {Service} service */
export function createScanner(service) {
  const { layout, claims, leases } = service;
  /** @type {Map<string, Seen>} */
  const seen = new Map();
  const tidy = createTidying(service);
  const someOf = createTurns(MOST_OVER_A_LOOK);

  /** All that are not over, and some of the others. @param {string[]} ids */
  function dueOf(ids) {
    const over = someOf(ids.filter((id) => seen.get(id)?.isTidy));
    return ids.filter((id) => !seen.get(id)?.isTidy || over.has(id));
  }

  /** @param {string} id @returns {Promise<Seen | undefined>} */
  async function lookAt(id) {
    const folder = path.join(layout.exports, id);
    const before = seen.get(id);
    if (before && before.sign === (await signOf(path.join(folder, STATUS)))) return before;
    const { content, sign } = await readStatusIn(folder);
    if (sign === "") return void seen.delete(id);
    const stage = stageOf(content);
    const orderMs = stage === "over" ? Infinity : await submittedMs(folder);
    const now = { sign, stage, sinceMs: performance.now(), orderMs, isTidy: false };
    seen.set(id, now);
    return now;
  }

  /** @param {string} id @param {Seen} job */
  async function isReady(id, job) {
    if (job.stage === "pending") return true;
    if (job.stage === "broken") return performance.now() - job.sinceMs >= SECOND_LOOK_MS;
    if (job.stage === "processing") {
      const all = await claims.read(id);
      const hasEnded = all.length > 0 && all.every(({ end }) => end !== null);
      return hasEnded || leases.isDead(id, signOfLife(all, job.sign));
    }
    return false;
  }

  /**
   * @param {(id: string) => boolean} isRunning Here.
   * @returns {Promise<string[]>} The ids of those that may be claimed.
   */
  async function scan(isRunning) {
    const entries = await readdir(layout.exports, { withFileTypes: true });
    const ids = entries.filter((entry) => entry.isDirectory() && isJobId(entry.name)).map(({ name }) => name);
    const present = new Set(ids);
    for (const id of seen.keys()) if (!present.has(id)) seen.delete(id);
    const ready = [];
    for (const id of dueOf(ids)) {
      if (isRunning(id)) continue;
      const job = await lookAt(id);
      if (!job) continue;
      if (job.stage === "over" && !job.isTidy) await tidy(id, job);
      if (await isReady(id, job)) ready.push({ id, orderMs: job.orderMs });
    }
    ready.sort((a, b) => a.orderMs - b.orderMs || (a.id < b.id ? -1 : 1));
    return ready.map(({ id }) => id);
  }

  return {
    scan,
    /** At the next look: its folder has come or gone. @param {string} id */
    lookAgainAt(id) {
      const job = seen.get(id);
      if (job) job.isTidy = false;
    },
    /** Those that are over and nobody's, with when this process first saw them so. */
    over: () => [...seen].flatMap(([id, job]) => (job.isTidy ? { id, sign: job.sign, sinceMs: job.sinceMs } : [])),
  };
}

/** @typedef {ReturnType<typeof createScanner>} Scanner */

/** @param {string} folder */
async function submittedMs(folder) {
  return (await unlessAbsent(lstat(path.join(folder, CONFIG))))?.mtimeMs ?? Infinity;
}

/** @param {Service} service */
function createTidying({ layout, claims, leases, log }) {
  /** @param {string} id @param {Claim} claim */
  async function endFor(id, claim) {
    if (!(await claims.finish(claim, { outcome: "taken", deaths: 0 }))) return;
    const folder = path.join(layout.exports, id);
    await removeLeftovers(folder, id, () => true);
    log.warn({ job: id, claim: claim.number }, "owner of a job that is over shows no sign of life");
  }

  /**
   * Ends the claim of a job that is over, when its owner has died before it could.
   * @param {string} id
   * @param {Seen} job
   */
  return async (id, job) => {
    const all = (await claims.isFree(id)) ? [] : await claims.read(id);
    const open = all.find(({ end }) => end === null);
    if (open && !leases.isDead(id, signOfLife(all, job.sign))) return;
    if (open) await endFor(id, open);
    job.isTidy = true;
  };
}

/** @param {number} most */
function createTurns(most) {
  let next = 0;
  /** At most so many, others each time, until all have had their turn. @param {string[]} ids */
  return (ids) => {
    if (ids.length <= most) return new Set(ids);
    const chosen = new Set(Array.from({ length: most }, (_, i) => ids[(next + i) % ids.length]));
    next = (next + most) % ids.length;
    return chosen;
  };
}
