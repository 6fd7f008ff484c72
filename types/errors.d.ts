import type { ExportPhase } from "./job.js";

/**
 * What went wrong. Codes are API, messages are not.
 *
 * | code | when | may a retry help? |
 * |---|---|---|
 * | `ERR_BAD_ARGS` | invalid config, option or path; `context.jsonPath` names it | no |
 * | `ERR_OUT_OF_RANGE` | a cut outside its source, or empty | no |
 * | `ERR_PROBE` | a source cannot be opened or read as media | no |
 * | `ERR_PLAN_UNSUPPORTED` | what is asked cannot be done, or `fallback: "fail"` refuses it | no |
 * | `ERR_EXEC` | decoding, filtering, encoding or muxing failed | yes |
 * | `ERR_VERIFY` | the result is not what the plan promised | yes |
 * | `ERR_FS` | permission, disk full, missing directory | yes |
 * | `ERR_CRASHED` | the process that rendered crashed, or was killed | yes |
 * | `ERR_NATIVE_UNAVAILABLE` | no addon for this platform | no |
 */
export type MediaErrorCode =
  | "ERR_BAD_ARGS"
  | "ERR_OUT_OF_RANGE"
  | "ERR_PROBE"
  | "ERR_PLAN_UNSUPPORTED"
  | "ERR_EXEC"
  | "ERR_VERIFY"
  | "ERR_FS"
  | "ERR_CRASHED"
  | "ERR_NATIVE_UNAVAILABLE";

/** What a failure is about. Absent fields do not apply. */
export interface MediaErrorContext {
  /** The file. */
  readonly path?: string;
  /** Index into the config's sources. */
  readonly source?: number;
  /** Index into the config's segments. */
  readonly segment?: number;
  /** Place of the offending value: `"segments[2].endTime"`, `"options.threads"`. */
  readonly jsonPath?: string;
  /** libav's own text. */
  readonly libav?: string;
  /** The system's name or text for it, such as `"ENOSPC"`. */
  readonly system?: string;
  /** Of `ERR_CRASHED`: the signal that ended the process, such as `"SIGSEGV"`; `"SIGKILL"` where memory ran out. */
  readonly signal?: string;
  /** Of `ERR_CRASHED`: with what the process ended, where no signal ended it. */
  readonly exitCode?: number;
  /** Of `ERR_CRASHED`: the file it opened last. */
  readonly file?: string;
  /** Of `ERR_CRASHED`: the end of what it wrote to stderr, at most 4096 characters. */
  readonly stderr?: string;
}

/** A {@link MediaError} as a plain value, for queues, files and other processes. */
export interface MediaErrorJson {
  readonly name: "MediaError";
  readonly code: MediaErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
  readonly phase?: ExportPhase;
  readonly context: MediaErrorContext;
}

/** What a {@link MediaError} is made from besides its code and message. */
export interface MediaErrorInit {
  readonly hint?: string;
  /** Default: what the table at {@link MediaErrorCode} says. */
  readonly retryable?: boolean;
  readonly phase?: ExportPhase;
  readonly context?: MediaErrorContext;
  readonly cause?: unknown;
}

/** Every failure that is not a wrong argument type (`TypeError`) or an abort. */
export class MediaError extends Error {
  constructor(code: MediaErrorCode, message: string, init?: MediaErrorInit);
  readonly name: "MediaError";
  readonly code: MediaErrorCode;
  /** Whether the same request may succeed when tried again unchanged. */
  readonly retryable: boolean;
  /** What the caller can do about it; for people. */
  readonly hint?: string;
  /** What the job was doing. Absent when it had not begun. */
  readonly phase?: ExportPhase;
  readonly context: MediaErrorContext;
  /** Everything but the stack and the cause. `JSON.stringify` calls it. */
  toJSON(): MediaErrorJson;
  /**
   * The error that `toJSON` was called on, after any number of trips through JSON.
   * @throws {TypeError} `json` is not what `toJSON` gives.
   */
  static fromJSON(json: unknown): MediaError;
}

/** Whether `value` is a {@link MediaError}, also one made by another copy of this package in the same process. */
export function isMediaError(value: unknown): value is MediaError;
