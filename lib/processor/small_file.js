// Reads files that anybody may have put there: bounded, and nothing but plain files.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { MediaError } from "../errors.js";
import { isAbsence, systemCode } from "./file_error.js";

// A FIFO would keep whoever opens it, and a link leads elsewhere.
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * @param {string} file
 * @param {number} mostBytes
 * @returns {Promise<Buffer | null>} Null where there is none.
 * @throws {MediaError} `ERR_BAD_ARGS`: it is no plain file, or larger.
 */
export async function readSmallFile(file, mostBytes) {
  /** @type {import("node:fs/promises").FileHandle} */
  let handle;
  try {
    handle = await open(file, PLAIN);
  } catch (error) {
    if (isAbsence(error)) return null;
    if (systemCode(error) === "ELOOP" || systemCode(error) === "ENXIO") throw refused(file, "is not a plain file");
    throw error;
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw refused(file, "is not a plain file");
    if (stat.size > mostBytes) throw refused(file, `has ${stat.size} bytes, more than ${mostBytes}`);
    return await readUpTo(handle, mostBytes, file);
  } finally {
    await handle.close();
  }
}

/**
 * The size that was asked for may have grown since.
 * @param {import("node:fs/promises").FileHandle} handle
 * @param {number} mostBytes
 * @param {string} file
 */
async function readUpTo(handle, mostBytes, file) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(16384), position: length });
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
    if (length > mostBytes) throw refused(file, `has more than ${mostBytes} bytes`);
  }
}

/** @param {string} path @param {string} problem */
function refused(path, problem) {
  return new MediaError("ERR_BAD_ARGS", `${path} ${problem}`, { context: { path } });
}
