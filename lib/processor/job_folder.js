// One job's folder: made and removed by others, at any time.
import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, open as openCallback } from "node:fs";
import { lstat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { isMediaError, MediaError } from "../errors.js";
import { isAbsence, systemCode, unlessAbsent } from "./file_error.js";
import { readSmallFile, signOf } from "./small_file.js";
/** @import { Layout } from "./layout.js" */

const open = promisify(openCallback);

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
  let fd;
  try {
    fd = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return new JobFolder(id, folder, fd);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    if (isAbsence(error) || systemCode(error) === "ELOOP") return undefined;
    throw error;
  }
}

export class JobFolder {
  #fd;
  #stat;
  /** @type {Reading | undefined} */
  #status;

  /**
   * @param {string} id
   * @param {string} folder
   * @param {number} fd Closed by its `close`.
   */
  constructor(id, folder, fd) {
    this.id = id;
    this.path = folder;
    this.#fd = fd;
    this.#stat = fstatSync(fd, { bigint: true });
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
    this.#status = await readStatusIn(this.path, this.#status);
    return this.#status;
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
    closeSync(this.#fd);
  }
}

/**
 * It is opened, which on a network file system asks the server, and read unless it is what was seen.
 * @param {string} folder
 * @param {Reading} [seen]
 * @returns {Promise<Reading>}
 */
export async function readStatusIn(folder, seen) {
  // What is broken was perhaps half written.
  const known = seen?.content.kind === "read" ? seen : undefined;
  const { content, sign } = await readJson(path.join(folder, STATUS), MOST_STATUS_BYTES, known);
  return { content, sign };
}

/**
 * @param {string} file
 * @param {number} mostBytes
 * @param {Reading} [known]
 * @returns {Promise<Reading & { digest: string }>} `digest`: "none" of what is known.
 */
async function readJson(file, mostBytes, known) {
  try {
    const found = await readSmallFile(file, mostBytes, known?.sign);
    if (found === null) return { content: { kind: "absent" }, digest: "none", sign: "" };
    if (found.bytes === null) return { .../** @type {Reading} */ (known), digest: "none" };
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
