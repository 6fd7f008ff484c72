import type { ExportConfigInput } from "./config.js";
import type { JobOptions } from "./job.js";
import type { ExportOptions } from "./options.js";
import type { Rational, TimeSpan } from "./time.js";

/**
 * Says what {@link exportVideo} would do with the same arguments, without writing anything: what is copied, what is
 * encoded and why, how far each cut lies from where it was asked for, and how long and how large the file will be.
 * Reads the sources' headers and the packets around the cuts.
 *
 * @throws {TypeError} An argument has the wrong type.
 * @throws {MediaError} `ERR_BAD_ARGS`, `ERR_OUT_OF_RANGE`, `ERR_PROBE`, `ERR_PLAN_UNSUPPORTED`, `ERR_FS`,
 * `ERR_NATIVE_UNAVAILABLE`.
 * @throws `options.signal.reason` when aborted.
 */
export function planExport(config: ExportConfigInput, options?: PlanOptions): Promise<ExportPlan>;

/** What {@link planExport} takes besides the config. */
export interface PlanOptions extends ExportOptions, JobOptions {}

/** What an export will do. A plain value that survives `JSON.stringify`. */
export interface ExportPlan {
  /** What was chosen. */
  readonly mode: "copy" | "hybrid" | "reencode";
  readonly output: PlannedOutput;
  /** In the order of the output; together they cover all of it. */
  readonly runs: readonly PlannedRun[];
  /** Null when the output has no audio stream. */
  readonly audio: PlannedAudio | null;
  readonly warnings: readonly ExportWarning[];
}

/** The file that will be written. */
export interface PlannedOutput {
  /** Absolute. */
  readonly path: string;
  readonly format: "mp4" | "webm";
  /** libav's name of the picture's codec: `"h264"`, `"hevc"`, `"vp9"`. */
  readonly codec: string;
  /** Pixels to show, before {@link PlannedOutput.rotation}. */
  readonly width: number;
  readonly height: number;
  /** libav's name: `"yuv420p"`. */
  readonly pixelFormat: string;
  /** Degrees, clockwise, in `[0, 360)`; kept from the sources. */
  readonly rotation: number;
  /** Pictures per second: frames divided by duration, which is exact where the rate is constant. */
  readonly frameRate: Rational;
  /** Whether every picture is on screen equally long. */
  readonly constantFrameRate: boolean;
  /** Seconds per tick of the picture's time stamps. */
  readonly timeBase: Rational;
  /** Seconds. */
  readonly duration: number;
  /** The exact duration, in ticks of `timeBase`. */
  readonly durationTicks: number;
  /** Size of the file, estimated; bytes. */
  readonly estimatedBytes: number;
  /** Pictures whose packets go into the output as they are. */
  readonly framesCopied: number;
  /** Pictures that are decoded and encoded. */
  readonly framesEncoded: number;
}

/**
 * Neighbouring segments that continue in one file, joined without a cut between them; most often a single segment.
 */
export interface PlannedRun {
  /** Indices into the config's segments of its first and its last. */
  readonly segments: readonly [first: number, last: number];
  /** Index into the config's sources: that of the first segment. */
  readonly source: number;
  /** What the config asks for, cut back to the source's end; seconds in the source. */
  readonly requested: TimeSpan;
  /** What is shown: from the first picture's time to the end of the last one's; seconds in the source. */
  readonly actual: TimeSpan;
  /** Where its first picture lies on the output; seconds. */
  readonly timelineStart: number;
  /**
   * How late its pictures are shown against where the config puts them, in milliseconds; negative when early. At most
   * half a frame, except in mode `copy`.
   */
  readonly offsetMs: number;
  /**
   * In order; together they cover the run. Empty only for a run so short that no picture falls to it: its sound alone
   * is there.
   */
  readonly steps: readonly PlannedStep[];
}

/** A part of a run of which all pictures are made the same way. */
export interface PlannedStep {
  readonly kind: "copy" | "encode";
  /** Seconds on the output. */
  readonly start: number;
  /** Seconds on the output. */
  readonly end: number;
  /** Pictures. */
  readonly frames: number;
  /** Bytes of the packets that are copied. Only for `copy`. */
  readonly bytes?: number;
  /** Why these pictures cannot be copied: one sentence for people; not API. Only for `encode`. */
  readonly reason?: string;
}

/** The audio stream that will be written. */
export interface PlannedAudio {
  /** What was chosen. */
  readonly mode: "copy" | "smart" | "exact";
  /** libav's name: `"aac"`, `"opus"`. */
  readonly codec: string;
  /** Samples per second and channel. */
  readonly sampleRate: number;
  readonly channels: number;
  /** libav's name: `"stereo"`. */
  readonly channelLayout?: string;
  /** Bits per second of what is encoded; only in mode `exact`. */
  readonly bitRate?: number;
  /** Seconds, silence included. */
  readonly duration: number;
}

/** Something the caller may want to know; the export goes on. */
export interface ExportWarning {
  /** More may be added. */
  readonly code: WarningCode;
  /** One sentence for people; not API. */
  readonly message: string;
  /** Index into the config's segments; absent when it is about the whole. */
  readonly segment?: number;
}

/**
 * - `END_CLAMPED`: a segment ends beyond its source.
 * - `SEGMENT_DROPPED`: a segment is shorter than a frame and stands alone.
 * - `CANVAS_IGNORED`: the config's width, height or fps is not the sources', and is not heeded without re-encoding.
 * - `COLOR_UNSPECIFIED`: a source does not say its colours; it is taken to have the others'.
 * - `SOURCE_REENCODED`: no part of a source can be copied; the reason is in its steps.
 * - `COLOR_NOT_CONVERTED`: pictures of a source that is HDR beside SDR, or of another gamut than the output, look different
 *   there, since this FFmpeg lacks the filters to convert them (`zscale`, `tonemap`).
 * - `DEINTERLACED`: pictures of a source hold two fields each and are encoded where they cannot be that: they are made one
 *   frame each. Copied ones stay as they are.
 * - `DOLBY_VISION_DROPPED`: a source is Dolby Vision and the output is not, since some pictures are encoded anew or come
 *   from a source of another configuration; it is shown as the HDR10, HLG or SDR that the source is without it.
 * - `AUDIO_MISSING`: a segment is to be heard but its source has no sound.
 * - `AUDIO_CONVERTED`: a source's sample rate or channels are not the output's.
 */
export type WarningCode =
  | "END_CLAMPED"
  | "SEGMENT_DROPPED"
  | "CANVAS_IGNORED"
  | "COLOR_UNSPECIFIED"
  | "SOURCE_REENCODED"
  | "COLOR_NOT_CONVERTED"
  | "DEINTERLACED"
  | "DOLBY_VISION_DROPPED"
  | "AUDIO_MISSING"
  | "AUDIO_CONVERTED"
  | (string & {});
