// Who may render and publish a job: records under <base>/.opencut/claims/<id>/, never in the job's own folder.
//
//   claim-<n>/            made whole, by one; n rises
//     <token>/            nobody else's, so that a path of an earlier owner leads nowhere once its claim is gone
//       claim             a counter that the owner moves on as long as it lives; behind it, as JSON, what was claimed
//                         and by whom
//       end/              made whole, by one: the owner, or whoever takes the claim from it
//         end.json        what became of it
//
// A claim is ended once. So of an owner that was taken for dead and those who took its job over, one publishes.
import { mkdir, open } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { CLAIM, createClaimReader, END } from "./claim_records.js";
import { isAbsence, unlessAbsent } from "./file_error.js";
import { createWhole, newToken, removeWhole } from "./records.js";
/** @import { Layout } from "./layout.js" */

/** @typedef {import("./claim_records.js").Claim} Claim */
/** @typedef {import("./claim_records.js").ClaimFacts} ClaimFacts */
/** @typedef {import("./claim_records.js").End} End */

/** The counter has one length, so that it is moved on in its place, which needs no room on a full disk. */
const BEAT_DIGITS = 12;

/** @param {Layout} layout */
export function createClaims({ claims, staging }) {
  const { folderOf, ownFolderOf, ...reader } = createClaimReader(claims);

  /**
   * @param {string} id
   * @param {number} number
   * @param {ClaimFacts} facts
   * @returns {Promise<Claim | null>} Null: another was first.
   */
  async function take(id, number, facts) {
    const claim = { id, number, token: newToken(), facts, beat: beatText(0), end: null };
    const record = { ...facts, host: os.hostname(), pid: process.pid };
    const file = { in: claim.token, name: CLAIM, text: `${claim.beat}\n${JSON.stringify(record)}` };
    await mkdir(path.join(claims, id), { recursive: true });
    try {
      if (!(await createWhole(staging, folderOf(claim), file))) return null;
    } catch (error) {
      if (isAbsence(error)) return null; // Swept away at this moment; the next look finds it so.
      throw error;
    }
    return claim;
  }

  /**
   * @param {Claim} claim
   * @param {End} end
   * @returns {Promise<boolean>} False: it has been ended by another, or is gone.
   */
  async function finish(claim, end) {
    const file = { name: END, text: JSON.stringify({ ...end, by: newToken() }) };
    try {
      return await createWhole(staging, path.join(ownFolderOf(claim), "end"), file);
    } catch (error) {
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  /**
   * @param {Claim} claim
   * @param {number} count
   * @returns {Promise<boolean>} False: the claim is not the owner's any more.
   */
  async function beat(claim, count) {
    const handle = await unlessAbsent(open(path.join(ownFolderOf(claim), CLAIM), "r+"));
    try {
      await handle?.write(beatText(count), 0);
    } finally {
      await handle?.close();
    }
    return reader.isOpen(claim);
  }

  /** Removes those before `claim`, which all have ended. @param {Claim[]} all @param {Claim} claim */
  async function removeBefore(all, claim) {
    for (const each of all) if (each.number < claim.number) await removeWhole(staging, folderOf(each));
  }

  /** Forgets a job whose folder is gone. @param {string} id */
  const forget = (id) => removeWhole(staging, path.join(claims, id));

  return { ...reader, take, finish, beat, removeBefore, forget };
}

/** @typedef {ReturnType<typeof createClaims>} Claims */

/** @param {number} count */
function beatText(count) {
  return String(count).padStart(BEAT_DIGITS, "0");
}
