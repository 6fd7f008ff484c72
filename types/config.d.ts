/**
 * An export config as a caller writes it: the *input* of `ExportConfigSchema` in `@opencut/libav/schema`, so what has
 * a default may be left out. What the schema gives back fits here too. Keys that are not named here are ignored.
 * Every number must be finite; what breaks a rule below is `ERR_BAD_ARGS` with the place in `context.jsonPath`, such
 * as `"segments[2].endTime"`.
 */
export interface ExportConfigInput {
  readonly version: 1;
  readonly id: string;
  readonly projectId: string;
  readonly projectName: string;
  /** ISO 8601 in UTC, as `Date.prototype.toISOString` writes it; fractions of a second may be missing. */
  readonly createdAt: string;
  /** At least one. */
  readonly sources: readonly ExportSourceInput[];
  /** At least one; in the order of the output. */
  readonly segments: readonly ExportSegmentInput[];
  readonly output: ExportOutputInput;
  /** Not looked at by this package. Default: `"pending"`. */
  readonly status?: "pending" | "processing" | "completed" | "failed";
}

/**
 * One media file. `width`, `height`, `duration`, `fps` and `hasAudio` are checked for shape and otherwise ignored:
 * the file itself is asked.
 */
export interface ExportSourceInput {
  readonly id: string;
  readonly name: string;
  /** Absolute, or relative to `<mediaBasePath>/sources/`, which it must not leave. */
  readonly filePath: string;
  /** Pixels, a positive integer. */
  readonly width?: number;
  /** Pixels, a positive integer. */
  readonly height?: number;
  /** Seconds, 0 or more. */
  readonly duration?: number;
  /** Pictures per second, above 0. */
  readonly fps?: number;
  /** Default: true. */
  readonly hasAudio?: boolean;
}

/** A span of one source that goes into the output. */
export interface ExportSegmentInput {
  /** Index into `sources`, from 0. */
  readonly sourceIndex: number;
  /** Seconds from the start of the source, 0 or more. At or beyond the source's end is `ERR_OUT_OF_RANGE`. */
  readonly startTime: number;
  /**
   * Seconds, above `startTime` (else `ERR_OUT_OF_RANGE`). Beyond the source's end is cut back to it, with a warning.
   */
  readonly endTime: number;
  /** False: silence in this segment. Default: true. */
  readonly audioFromSource?: boolean;
}

/** What is to be written. */
export interface ExportOutputInput {
  /** Absolute, or relative to `mediaBasePath`, which it must not leave. Its folder must exist. */
  readonly filePath: string;
  /** Default: `"mp4"`. */
  readonly format?: "mp4" | "webm";
  /** Pixels of the canvas, a positive integer. Only re-encoding heeds it. Default: the sources'. */
  readonly width?: number;
  /** Pixels of the canvas, a positive integer. Only re-encoding heeds it. Default: the sources'. */
  readonly height?: number;
  /** Pictures per second, above 0. Only re-encoding heeds it. Default: the sources'. */
  readonly fps?: number;
  /** `"copy"`: re-encode no more than must be. Default: `"copy"`. `"h264"` and `"h265"` do not go into WebM. */
  readonly codec?: "copy" | "h264" | "h265";
  /** False: no audio stream at all. Default: true. */
  readonly includeAudio?: boolean;
}
