// What is to be done about a job, from what stands in its folder and among its claims. Pure.
/** @import { Content } from "./job_folder.js" */
/** @import { Claim, Failed, Published } from "./claim_records.js" */

/** @typedef {"none" | "pending" | "processing" | "broken" | "over"} Stage */

/**
 * @typedef {{ action: "none" }
 *   | { action: "wait", claim: Claim | null }
 *   | { action: "displace", claim: Claim, reason: "died" | "superseded" }
 *   | { action: "settle", claim: Claim, end: Published | Failed }
 *   | { action: "take", number: number, deaths: number }} Verdict
 * `wait`: its owner, or whoever else writes its status, is to be watched. `displace`: another's claim is to be ended,
 * then judged anew. `settle`: what its owner had decided is to be carried out.
 */

/** @param {Content} status @returns {Stage} */
export function stageOf(status) {
  if (status.kind === "absent") return "none";
  if (status.kind === "broken") return "broken";
  const word = status.value.status;
  if (typeof word !== "string") return "broken";
  return word === "pending" || word === "processing" ? word : "over";
}

/**
 * @param {object} situation
 * @param {Stage} situation.stage
 * @param {string} situation.job What would be claimed.
 * @param {Claim[]} situation.claims Oldest first.
 * @param {boolean} situation.isSilent Nothing has moved for as long as a lease: neither the open claim's counter, nor,
 * where there is none, the status.
 * @returns {Verdict}
 */
export function judge({ stage, job, claims, isSilent }) {
  if (stage === "none" || stage === "over") return { action: "none" };
  const open = claims.find((claim) => claim.end === null);
  if (open) {
    if (open.facts && open.facts.job !== job) return { action: "displace", claim: open, reason: "superseded" };
    return isSilent ? { action: "displace", claim: open, reason: "died" } : { action: "wait", claim: open };
  }
  const last = claims.at(-1);
  if (!last) {
    // Perhaps another program's, which knows nothing of claims.
    if (stage === "processing" && !isSilent) return { action: "wait", claim: null };
    return { action: "take", number: 1, deaths: 0 };
  }
  const { end, facts } = last;
  // Pending after an end is pending anew.
  const isDecided = stage !== "pending" && (!facts || facts.job === job);
  if (isDecided && (end?.outcome === "published" || end?.outcome === "failed")) {
    return { action: "settle", claim: last, end };
  }
  return { action: "take", number: last.number + 1, deaths: end?.outcome === "taken" ? end.deaths : 0 };
}
