// Reads files that anybody may have put there: bounded, and nothing but plain files.
import * as fs from "node:fs";
import { lstat } from "node:fs/promises";
import { promisify } from "node:util";
import { MediaError } from "../errors.js";
import { isAbsence, systemCode, unlessAbsent } from "./file_error.js";

// A FIFO would keep whoever opens it, and a link leads elsewhere.
const PLAIN = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
const CHUNK_BYTES = 16384;

// Descriptors, not handles: what has just been opened for reading is described and closed without waiting for a disk, and
// a thread for each of the two would cost more than all the rest.
const [open, read] = [promisify(fs.open), promisify(fs.read)];

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
 * @param {string} [knownSign] Then it is not read.
 * @returns {Promise<{ bytes: Buffer | null, sign: string } | null>} Null where there is none; no bytes where the sign is
 * the known one. The sign is no newer than the bytes.
 * @throws {MediaError} `ERR_BAD_ARGS`: it is no plain file, or larger.
 */
export async function readSmallFile(file, mostBytes, knownSign) {
  let fd;
  try {
    fd = await open(file, PLAIN);
  } catch (error) {
    if (isAbsence(error)) return null;
    if (systemCode(error) === "ELOOP" || systemCode(error) === "ENXIO") throw refused(file, "is not a plain file");
    throw error;
  }
  try {
    const stat = fs.fstatSync(fd, { bigint: true });
    if (!stat.isFile()) throw refused(file, "is not a plain file");
    if (stat.size > mostBytes) throw refused(file, `has ${stat.size} bytes, more than ${mostBytes}`);
    const sign = signIn(stat);
    const bytes = sign === knownSign ? null : await readUpTo(fd, mostBytes, Number(stat.size), file);
    return { bytes, sign };
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The size that was asked for may have grown since.
 * @param {number} fd
 * @param {number} mostBytes
 * @param {number} expectedBytes
 * @param {string} file
 */
async function readUpTo(fd, mostBytes, expectedBytes, file) {
  const chunks = [];
  let length = 0;
  for (;;) {
    const wanted = Math.max(expectedBytes + 1 - length, CHUNK_BYTES);
    const { bytesRead, buffer } = await read(fd, Buffer.alloc(wanted), 0, wanted, length);
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
