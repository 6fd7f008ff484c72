// The records of claims, as they are read. What they are, and what lies where, stands in claims.js.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { unlessAbsent } from "./file_error.js";
/** @import { MediaErrorJson } from "../../types/errors.js" */

/**
 * @typedef {object} ClaimFacts
 * @property {string} job What was claimed: the folder and its config.
 * @property {number} deaths Owners in a row that showed no sign of life any more, before this one.
 *
 * @typedef {{ outcome: "published", part: string, output: string, ino: string, bytes: number }} Published `part` and
 * `output` are relative to the base where they lie in it.
 * @typedef {{ outcome: "failed", error: MediaErrorJson }} Failed
 * @typedef {{ outcome: "released" | "cancelled" | "superseded" }} Left Given back; its job was cancelled; its job is no
 * more, another has its name.
 * @typedef {{ outcome: "taken", deaths: number }} Taken By another, since it showed no sign of life.
 * @typedef {Published | Failed | Left | Taken} End
 *
 * @typedef {object} Claim
 * @property {string} id
 * @property {number} number
 * @property {string} token
 * @property {ClaimFacts | null} facts Null where the record cannot be read: the system lost it.
 * @property {string} beat
 * @property {End | null} end
 */

export const CLAIM = "claim";
export const END = "end.json";

/** @param {string} claims The folder of all. */
export function createClaimReader(claims) {
  /** @param {Pick<Claim, "id" | "number">} claim */
  const folderOf = ({ id, number }) => path.join(claims, id, `claim-${number}`);
  /** @param {Pick<Claim, "id" | "number" | "token">} claim */
  const ownFolderOf = (claim) => path.join(folderOf(claim), claim.token);

  /** @param {string} id @param {number} number @returns {Promise<string | undefined>} */
  async function tokenOf(id, number) {
    return (await unlessAbsent(readdir(folderOf({ id, number }))))?.[0];
  }

  /** @param {string} id @param {number} number @returns {Promise<Claim | undefined>} */
  async function readOne(id, number) {
    const token = await tokenOf(id, number);
    if (token === undefined) return undefined;
    const read = (/** @type {string} */ name) =>
      unlessAbsent(readFile(path.join(ownFolderOf({ id, number, token }), name), "utf8"));
    const claim = await read(CLAIM);
    if (claim === undefined) return undefined;
    const [beat = "", facts] = claim.split("\n");
    return { id, number, token, beat, facts: parsed(facts), end: parsed(await read(path.join("end", END))) };
  }

  /** @param {string} id @returns {Promise<number[]>} Rising. */
  async function numbersOf(id) {
    const names = (await unlessAbsent(readdir(path.join(claims, id)))) ?? [];
    const numbers = names.flatMap((name) => /^claim-(\d{1,9})$/.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => a - b);
  }

  /**
   * All claims of a job that are still there, oldest first.
   * @param {string} id
   * @param {number} [but]
   * @returns {Promise<Claim[]>}
   */
  async function read(id, but) {
    const numbers = (await numbersOf(id)).filter((number) => number !== but);
    const found = await Promise.all(numbers.map((number) => readOne(id, number)));
    return found.filter((claim) => claim !== undefined);
  }

  /** Whether a job is nobody's at the moment. @param {string} id */
  async function isFree(id) {
    const numbers = await numbersOf(id);
    const ends = await Promise.all(numbers.map((number) => hasEnded(id, number)));
    return ends.every(Boolean);
  }

  /** @param {string} id @param {number} number */
  async function hasEnded(id, number) {
    const token = await tokenOf(id, number);
    return token === undefined || !(await isOpen({ id, number, token }));
  }

  /** Whether it has not been ended. @param {Pick<Claim, "id" | "number" | "token">} claim */
  async function isOpen(claim) {
    const names = await unlessAbsent(readdir(ownFolderOf(claim)));
    return names !== undefined && !names.includes("end");
  }

  /** Whether nobody has claimed its job since, as long as the job's folder is the same. @param {Claim} claim */
  async function isLatest(claim) {
    return (await numbersOf(claim.id)).at(-1) === claim.number;
  }

  /** The ids that there are claims of. @returns {Promise<string[]>} */
  const ids = async () => (await unlessAbsent(readdir(claims))) ?? [];

  return { read, isFree, isOpen, isLatest, ids, folderOf, ownFolderOf };
}

/** @param {string | undefined} text @returns {any} Null where there is none that can be read. */
function parsed(text) {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
