// The file system's failures, as this package reports them.
import { isMediaError, MediaError } from "../errors.js";

/** @param {unknown} error @returns {string | undefined} The system's name for it. */
export function systemCode(error) {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/**
 * Whether `error` says that a file, or a folder on the way to it, is not there.
 * @param {unknown} error
 */
export function isAbsence(error) {
  return ["ENOENT", "ENOTDIR", "ESTALE"].includes(systemCode(error) ?? "");
}

/**
 * @param {unknown} error
 * @param {string} problem What it means, as the beginning of a sentence.
 * @returns {MediaError}
 */
export function asFileError(error, problem) {
  if (isMediaError(error)) return error;
  const system = systemCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  const path = error instanceof Error && "path" in error ? String(error.path) : undefined;
  return new MediaError("ERR_FS", `${problem}: ${reason}`, { context: { system, path }, cause: error });
}

/**
 * Undefined where what is asked for is not there.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
export async function unlessAbsent(promise) {
  try {
    return await promise;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
