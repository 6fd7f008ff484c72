import type { AccessOptions } from "./media.js";

/**
 * How much may be copied.
 * - `auto`: `hybrid` where `output.codec` is `"copy"`, `reencode` where it is not.
 * - `copy`: packets only. Each run begins at the keyframe at or before its start, so up to a whole GOP too early.
 * - `hybrid`: frame-exact. Only the frames between a cut and the next keyframe, and the few before the end of a run,
 *   are re-encoded.
 * - `reencode`: everything is decoded, scaled and padded to the canvas, and encoded; to H.264 where `output.codec` is
 *   `"copy"`, in WebM to VP9.
 *
 * A mode given by name goes before `output.codec`.
 */
export type ExportMode = "auto" | "copy" | "hybrid" | "reencode";

/**
 * What becomes of the sound.
 * - `auto`: `copy` in mode `copy` and `smart` in mode `hybrid`, where the sources' sound allows it, else `exact`.
 * - `copy`: packets only, at most half a packet off at each cut, not accumulating.
 * - `smart`: packets, with the two around each cut encoded anew, so that it is a clean crossfade. Each segment's sound is
 *   at most half a packet (10.7 ms at 48 kHz) early or late, not accumulating. For AAC-LC in MP4, MOV, Matroska and FLV,
 *   mono or stereo, of one rate and layout; otherwise `exact`, with a warning.
 * - `exact`: all of it decoded and encoded; cuts lie where they were asked for, to the sample.
 */
export type AudioMode = "auto" | "copy" | "smart" | "exact";

/** How pictures are encoded, where they are. The defaults between copied pictures keep them hard to tell from those. */
export interface VideoOptions {
  /**
   * The encoder's own name for speed against size: `"veryfast"`, `"medium"`. Default: `"veryfast"` between copied
   * pictures, `"fast"` in mode `reencode`. VP9 has none.
   */
  readonly preset?: string;
  /**
   * Constant quality, lower is better: 0 to 51 (H.264, H.265), 0 to 63 (VP9). Default: 19 between copied pictures (24
   * in a still scene); in mode `reencode` 18 for H.264, 20 for H.265, 31 for VP9. Not together with `bitrate`.
   */
  readonly crf?: number;
  /** Bits per second on average, a positive integer. Not together with `crf`. Only in mode `reencode`. */
  readonly bitrate?: number;
}

/** How an export is carried out. Every field is optional; none is written to. */
export interface ExportOptions extends AccessOptions {
  /**
   * Folder that the config's relative paths start from: `<mediaBasePath>/sources/` for sources, `<mediaBasePath>/`
   * for the output. A relative path that leaves it is `ERR_BAD_ARGS`. Default: the working directory.
   */
  readonly mediaBasePath?: string;
  /** Path to write to instead of the config's `output.filePath`: absolute, or relative to the working directory. */
  readonly output?: string;
  /** Default: `"auto"`. */
  readonly mode?: ExportMode;
  /** Default: `"auto"`. */
  readonly audio?: AudioMode;
  readonly video?: VideoOptions;
  /** Bits per second of the encoded sound, a positive integer. Default: 192000. */
  readonly audioBitrate?: number;
  /**
   * Worker threads, 1 to 256. Default: the cores this process may use, shared with the other running jobs, but for an
   * encoder's own: their number shows in the output.
   */
  readonly threads?: number;
  /**
   * What to do where `output.codec` is `"copy"` and pictures could not be copied wherever the cuts lay: all those of a
   * source, or some that are coded with other parameter sets than the source begins with. `"reencode"` (default) encodes
   * them and gives the reason in the plan; `"fail"` refuses with `ERR_PLAN_UNSUPPORTED` before anything is written.
   */
  readonly fallback?: "reencode" | "fail";
  /**
   * Refuse with `ERR_PLAN_UNSUPPORTED` a plan that would encode more seconds of picture than this. Default: no limit.
   */
  readonly maxEncodedSeconds?: number;
  /**
   * False: an existing file at the output's path is `ERR_FS`. Default: true, it is replaced when the new one is
   * whole.
   */
  readonly overwrite?: boolean;
  /**
   * How the written file is checked against the plan before it gets its final name. `"fast"` (default): its index;
   * `"full"`: every picture is decoded too; `"off"`: not at all. A difference is `ERR_VERIFY`.
   */
  readonly verify?: "fast" | "full" | "off";
}
