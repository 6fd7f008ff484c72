// Reads files that anybody may have put there: bounded, and nothing but plain files.
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { MediaError } from "../errors.js";
import { isAbsence, systemCode, unlessAbsent } from "./file_error.js";

// A FIFO would keep whoever opens it, and a link leads elsewhere.
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CHUNK_BYTES = 16384;

/**
 * What changes when a file does, but for its name.
 * @param {import("node:fs").BigIntStats} stat
 */
export function signIn({ ino, size, mtimeNs }) {
  return `${ino} ${size} ${mtimeNs}`;
}

/**
 * @param {string} file
 * @returns {Promise<string>} Empty where there is none.
 */
export async function signOf(file) {
  const stat = await unlessAbsent(lstat(file, { bigint: true }));
  return stat ? signIn(stat) : "";
}

/**
 * @param {string} file
 * @param {number} mostBytes
 * @returns {Promise<{ bytes: Buffer, sign: string } | null>} Null where there is none. The sign is no newer than the
 * bytes.
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
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) throw refused(file, "is not a plain file");
    if (stat.size > mostBytes) throw refused(file, `has ${stat.size} bytes, more than ${mostBytes}`);
    return { bytes: await readUpTo(handle, mostBytes, Number(stat.size), file), sign: signIn(stat) };
  } finally {
    await handle.close();
  }
}

/**
 * The size that was asked for may have grown since.
 * @param {import("node:fs/promises").FileHandle} handle
 * @param {number} mostBytes
 * @param {number} expectedBytes
 * @param {string} file
 */
async function readUpTo(handle, mostBytes, expectedBytes, file) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const wanted = Math.max(expectedBytes + 1 - length, CHUNK_BYTES);
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(wanted), position: length });
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
    if (length > mostBytes) throw refused(file, `has more than ${mostBytes} bytes`);
    const isEnd = bytesRead === 0 || (bytesRead < wanted && length >= expectedBytes);
    if (isEnd) return Buffer.concat(chunks, length);
  }
}

/** @param {string} path @param {string} problem */
function refused(path, problem) {
  return new MediaError("ERR_BAD_ARGS", `${path} ${problem}`, { context: { path } });
}
