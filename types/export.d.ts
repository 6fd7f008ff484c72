import type { ExportConfigInput } from "./config.js";
import type { ExportProgress, JobOptions } from "./job.js";
import type { ExportOptions } from "./options.js";
import type { ExportPlan, PlannedAudio, PlannedOutput } from "./plan.js";

/**
 * Renders `config` to one file: plans as {@link planExport} does, then carries the plan out on threads of its own.
 * The file is written beside its target under another name, checked, and renamed when whole; on failure or abort it
 * is removed, and a file that was there before is untouched. Several exports may run at once. `config` and `options`
 * are read before the first callback and never written to.
 *
 * @returns What was done.
 * @throws {TypeError} An argument has the wrong type.
 * @throws {MediaError} Any code of {@link MediaErrorCode}.
 * @throws `options.signal.reason` when aborted; an `AbortError` when the thread it runs on is being torn down.
 */
export function exportVideo(config: ExportConfigInput, options?: ExportVideoOptions): Promise<ExportReport>;

/** What {@link exportVideo} takes besides the config. */
export interface ExportVideoOptions extends ExportOptions, JobOptions {
  /**
   * Receives the latest state, at most ten times a second, and once more at the end with `progress: 1`. Called on the
   * thread that called {@link exportVideo}. If it throws, the job is cancelled and the promise rejects with what was
   * thrown.
   */
  readonly onProgress?: (progress: ExportProgress) => void;
  /**
   * Receives the plan, as {@link planExport} makes it, once and before anything is written. The export goes on when it
   * has returned, or what it returned has resolved: to look at the plan first costs nothing more, since it is not made
   * again. Called on the thread that called {@link exportVideo}. If it throws or rejects, the job is cancelled and the
   * promise rejects with that. The sources stay open while it is waited for, threads stand still.
   */
  readonly onPlan?: (plan: ExportPlan) => void | ExportDirection | Promise<void | ExportDirection>;
}

/** What {@link ExportVideoOptions.onPlan} may say. */
export interface ExportDirection {
  /** Instead of `options.output` and the config's `output.filePath`: absolute, or relative to the working directory. */
  readonly output?: string;
}

/**
 * Cuts one span out of one file: {@link exportVideo} with a config of one source and one segment.
 *
 * @param input Path of the source, absolute or relative to the working directory.
 * @param output Path to write to, likewise; ends in `.mp4`, `.m4v` or `.webm`.
 * @throws {TypeError} An argument has the wrong type.
 * @throws {MediaError} Any code of {@link MediaErrorCode}; `ERR_BAD_ARGS` for another ending of `output`.
 * @throws `options.signal.reason` when aborted.
 */
export function cut(input: string, output: string, options?: CutOptions): Promise<ExportReport>;

/** What {@link cut} takes besides the two paths. */
export interface CutOptions extends Omit<ExportVideoOptions, "mediaBasePath" | "output"> {
  /** Seconds from the start of `input`, 0 or more. Default: 0. */
  readonly start?: number;
  /** Seconds, above `start`. Default: the end of `input`. */
  readonly end?: number;
  /** As in an export config's output. Default: `"copy"`, re-encode no more than must be. */
  readonly codec?: "copy" | "h264" | "h265";
  /** False: no audio stream. Default: true. */
  readonly includeAudio?: boolean;
}

/** What an export did: its plan as carried out. A plain value that survives `JSON.stringify`. */
export interface ExportReport extends ExportPlan {
  readonly output: ReportedOutput;
  readonly audio: ReportedAudio | null;
  /** How the file was checked before it got its name. */
  readonly verified: "fast" | "full" | "off";
  /** Pictures decoded, those that were only needed to reach a cut included. */
  readonly framesDecoded: number;
  /** Bytes read from the sources. */
  readonly bytesRead: number;
  /** Milliseconds from the call to the rename, without those that `onPlan` took. */
  readonly elapsedMs: number;
}

/** The file that was written. */
export interface ReportedOutput extends PlannedOutput {
  /** Size of the file. */
  readonly bytes: number;
}

/** The audio stream that was written. */
export interface ReportedAudio extends PlannedAudio {
  /** Packets that went into the output as they were. */
  readonly packetsCopied: number;
  readonly packetsEncoded: number;
}
