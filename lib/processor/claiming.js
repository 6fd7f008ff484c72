// From a job that may be waiting to the claim of it.
import { completedStatus, failedStatus } from "./job_status.js";
import { carryOut } from "./publication.js";
import { newToken } from "./records.js";
import { createStatusWriter } from "./status_file.js";
import { judge, stageOf } from "./verdict.js";
/** @import { Claim, Failed, Published } from "./claim_records.js" */
/** @import { JobFolder, Reading } from "./job_folder.js" */
/** @import { Service } from "./service.js" */

// Each look after the first is one at what this process has just changed; others may have changed it as well.
const MOST_LOOKS = 6;

/**
 * @param {Service} service
 * @param {JobFolder} folder
 * @param {string} job
 * @param {object} [options]
 * @param {boolean} [options.isAsked] Somebody has said that it is to be processed, whatever its status says.
 * @returns {Promise<{ claim: Claim, isUnreadable: boolean } | null>} Null: there is nothing to do for now, or no more.
 * `isUnreadable`: so is its status, and nobody has claimed this job before.
 */
export async function obtainClaim(service, folder, job, { isAsked = false } = {}) {
  for (let look = 0; look < MOST_LOOKS; look++) {
    // In this order: a status that is pending after its claim has ended is pending anew.
    const claims = await service.claims.read(folder.id);
    const status = await folder.readStatus();
    const isSilent = service.leases.isDead(folder.id, signOfLife(claims, status.sign));
    const verdict = judge({ stage: stageIn(status, isAsked), job, claims, isSilent });
    if (verdict.action === "none" || verdict.action === "wait") return null;
    if (verdict.action === "displace") {
      await displace(service, verdict.claim, verdict.reason);
    } else if (verdict.action === "take") {
      return take(service, folder, { job, claims, isAsked, ...verdict });
    } else {
      if (await settle(service, folder, verdict.claim, verdict.end)) return null;
      return take(service, folder, { job, claims, isAsked, number: verdict.claim.number + 1, deaths: 0 });
    }
  }
  return null;
}

/** @param {Reading} status @param {boolean} isAsked */
function stageIn({ content }, isAsked) {
  const stage = stageOf(content);
  return isAsked && stage === "none" ? "pending" : stage;
}

/**
 * What changes as long as somebody works on a job: its claim's counter, or its status where nobody claims it.
 * @param {Claim[]} claims
 * @param {string} statusSign
 */
export function signOfLife(claims, statusSign) {
  const open = claims.find((claim) => claim.end === null);
  return open ? `${open.number} ${open.token} ${open.beat}` : statusSign;
}

/** @param {Service} service @param {Claim} claim @param {"died" | "superseded"} reason */
async function displace({ claims, log, counts }, claim, reason) {
  const deaths = (claim.facts?.deaths ?? 0) + 1;
  const isDeath = reason === "died";
  if (!(await claims.finish(claim, isDeath ? { outcome: "taken", deaths } : { outcome: "superseded" }))) return;
  if (isDeath) counts.jobsTakenOver++;
  log.warn(
    { job: claim.id, claim: claim.number, deaths },
    isDeath ? "owner shows no sign of life" : "claim superseded",
  );
}

/**
 * @param {Service} service
 * @param {JobFolder} folder
 * @param {{ job: string, claims: Claim[], number: number, deaths: number, isAsked: boolean }} wanted
 */
async function take({ claims, log }, folder, { job, number, deaths, isAsked, claims: before }) {
  const claim = await claims.take(folder.id, number, { job, deaths });
  if (!claim) return null;
  const others = await claims.read(folder.id, claim.number);
  const stage = stageIn(await folder.readStatus(), isAsked);
  // The folder, and all that is known of it, may have gone and come again since the look.
  const isAlone = others.every(({ end }) => end !== null) && (await folder.isThere());
  if (!isAlone || stage === "none" || stage === "over") {
    await claims.finish(claim, { outcome: "released" });
    return null;
  }
  await claims.removeBefore(before, claim);
  log.info({ job: folder.id, claim: number, deaths }, "job claimed");
  return { claim, isUnreadable: stage === "broken" && before.every(({ facts }) => facts?.job !== job) };
}

/**
 * Carries out what the owner had decided before it ended, or while it still does so itself.
 * @param {Service} service
 * @param {JobFolder} folder
 * @param {Claim} claim
 * @param {Published | Failed} end
 * @returns {Promise<boolean>} False: what was to be published is lost.
 */
async function settle({ layout, claims, log }, folder, claim, end) {
  if (end.outcome === "published" && !(await carryOut(layout, end))) return false;
  const status = createStatusWriter(folder, newToken(), () => claims.isLatest(claim));
  try {
    await status.write(end.outcome === "published" ? completedStatus(folder.id) : failedStatus(folder.id, end.error));
  } finally {
    await status.close();
  }
  log.info({ job: folder.id, claim: claim.number, outcome: end.outcome }, "job settled for its owner");
  return true;
}
