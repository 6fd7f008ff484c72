// One job's folder: made and removed by others, at any time.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import path from "node:path";
import { isMediaError, MediaError } from "../errors.js";
import { isAbsence, systemCode, unlessAbsent } from "./file_error.js";
import { readSmallFile, signOf } from "./small_file.js";
/** @import { Layout } from "./layout.js" */

export const CONFIG = "config.json";
export const STATUS = "status.json";
// The largest edit that was seen has 155 segments and 30 kB.
const MOST_CONFIG_BYTES = 8 << 20;
const MOST_STATUS_BYTES = 64 << 10;

/**
 * @typedef {{ kind: "absent" } | { kind: "broken", error: MediaError } | { kind: "read", value: Record<string, any> }}
 *   Content What a JSON file holds; "broken" where that is no object.
 *
 * @typedef {object} Reading
 * @property {Content} content
 * @property {string} sign Changes when the file does; empty where there is none.
 */

/**
 * Opens it, which pins it: as long as it is open no other folder can be taken for it.
 * @param {Layout} layout
 * @param {string} id
 * @returns {Promise<JobFolder | undefined>} Undefined where there is no such folder; a link to one is none.
 */
export async function openJobFolder({ exports }, id) {
  const folder = path.join(exports, id);
  try {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return new JobFolder(id, folder, handle, await handle.stat({ bigint: true }));
  } catch (error) {
    if (isAbsence(error) || systemCode(error) === "ELOOP") return undefined;
    throw error;
  }
}

export class JobFolder {
  #handle;
  #stat;
  /** @type {Reading | undefined} */
  #status;

  /**
   * @param {string} id
   * @param {string} folder
   * @param {import("node:fs/promises").FileHandle} handle
   * @param {import("node:fs").BigIntStats} stat
   */
  constructor(id, folder, handle, stat) {
    this.id = id;
    this.path = folder;
    this.#handle = handle;
    this.#stat = stat;
  }

  /** Whether its path still leads to it. */
  async isThere() {
    const stat = await unlessAbsent(lstat(this.path, { bigint: true }));
    return stat?.ino === this.#stat.ino && stat.dev === this.#stat.dev;
  }

  /** @param {string} name */
  file(name) {
    return path.join(this.path, name);
  }

  async readStatus() {
    this.#status = await readStatusIn(this.path);
    return this.#status;
  }

  /** As it was read or written last, if its file is the same: a network file system tells of a change late. */
  async statusAtHand() {
    const sign = await this.signOf(STATUS);
    // What is broken was perhaps half written.
    if (this.#status?.sign === sign && this.#status.content.kind !== "broken") return this.#status;
    return this.readStatus();
  }

  /** What this process is about to put there. @param {Reading} status */
  expectStatus(status) {
    this.#status = status;
  }

  /**
   * The config, and what tells this job from others of the same name: two machines that share a base must agree on
   * it, which they need not do on a device's number.
   */
  async readConfig() {
    const { content, digest, sign } = await readJson(this.file(CONFIG), MOST_CONFIG_BYTES);
    return { content, job: `${this.#stat.ino}-${digest}`, sign };
  }

  /** @param {string} name @returns {Promise<string>} Changes when the file does; empty where there is none. */
  signOf(name) {
    return signOf(this.file(name));
  }

  close() {
    return this.#handle.close();
  }
}

/** @param {string} folder @returns {Promise<Reading>} */
export async function readStatusIn(folder) {
  const { content, sign } = await readJson(path.join(folder, STATUS), MOST_STATUS_BYTES);
  return { content, sign };
}

/** @param {string} file @param {number} mostBytes @returns {Promise<Reading & { digest: string }>} */
async function readJson(file, mostBytes) {
  try {
    const found = await readSmallFile(file, mostBytes);
    if (found === null) return { content: { kind: "absent" }, digest: "none", sign: "" };
    const digest = createHash("sha256").update(found.bytes).digest("hex").slice(0, 32);
    return { content: contentOf(found.bytes.toString("utf8"), file), digest, sign: found.sign };
  } catch (error) {
    if (!isMediaError(error)) throw error;
    return { content: { kind: "broken", error }, digest: "none", sign: await signOf(file) };
  }
}

/** @param {string} text @param {string} file @returns {Content} */
function contentOf(text, file) {
  /** @param {string} problem */
  const broken = (problem) => {
    const message = `${path.basename(file)} ${problem}`;
    return {
      kind: /** @type {const} */ ("broken"),
      error: new MediaError("ERR_BAD_ARGS", message, { context: { path: file } }),
    };
  };
  try {
    const value = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return broken("holds no JSON object");
    return { kind: "read", value };
  } catch (error) {
    return broken(`is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
