import type { JobOptions } from "./job.js";
import type { Rational } from "./time.js";

/**
 * Reads what a media file says about itself. Only headers are read where they say all that is needed (MP4 and MOV);
 * otherwise the first packets too. The file is never changed.
 *
 * @param input Path of the file, absolute or relative to the working directory; a URL where `allowedProtocols` has
 * its scheme.
 * @returns A plain value that survives `JSON.stringify`. What the file does not say is absent, never a made-up value.
 * @throws {TypeError} `input` is not a string, or an option has the wrong type.
 * @throws {MediaError} `ERR_PROBE` when it cannot be opened or is not media; `ERR_BAD_ARGS` when it lies outside
 * `allowedRoots` or its scheme is not allowed; `ERR_NATIVE_UNAVAILABLE`.
 * @throws `options.signal.reason` when aborted.
 */
export function probe(input: string, options?: ProbeOptions): Promise<MediaInfo>;

/** What {@link probe} takes besides the file. */
export interface ProbeOptions extends JobOptions, AccessOptions {}

/** What may be opened. */
export interface AccessOptions {
  /**
   * Absolute folders that every file read or written must lie under, symbolic links followed; it is the file that was
   * opened of which this holds, whatever becomes of names meanwhile. Default: anywhere the process may. A path outside
   * them is `ERR_BAD_ARGS`.
   */
  readonly allowedRoots?: readonly string[];
  /** libav protocol names that sources may use. Default: `["file"]`. */
  readonly allowedProtocols?: readonly string[];
}

/** What a media file says about itself. Times are seconds on the container's own clock, unless named otherwise. */
export interface MediaInfo {
  /** As given to {@link probe}. */
  readonly path: string;
  /**
   * libav's short names of the format, as found in the content, whatever the file's name:
   * `"mov,mp4,m4a,3gp,3g2,mj2"`.
   */
  readonly container: string;
  /** Bytes. Absent for what has no size, such as a stream from the network. */
  readonly size?: number;
  /** Seconds. */
  readonly duration?: number;
  /** Time stamp of the first picture or sound, after edit lists; seconds. Cuts count from here. */
  readonly startTime?: number;
  /** Bits per second over the whole file. */
  readonly bitRate?: number;
  /** In the file's order; `streams[i].index === i`. */
  readonly streams: readonly StreamInfo[];
  /** In order of their start; empty when there are none. */
  readonly chapters: readonly ChapterInfo[];
  /** The container's own tags, such as `title` or `creation_time`; empty when there are none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One stream; `type` says which of the shapes it has. */
export type StreamInfo = VideoStreamInfo | AudioStreamInfo | OtherStreamInfo;

/** What streams of every type have. */
export interface CommonStreamInfo {
  /** Place in {@link MediaInfo.streams}, from 0. */
  readonly index: number;
  /** The container's own number for it: track id in MP4, PID in MPEG-TS. */
  readonly id?: number;
  /** libav's name: `"h264"`, `"hevc"`, `"aac"`, `"mov_text"`; `"unknown"` when libav has none. */
  readonly codec: string;
  /** The container's four-character code, where it has one: `"avc1"`, `"hvc1"`, `"mp4a"`. */
  readonly codecTag?: string;
  /** libav's name: `"High"`, `"Main 10"`, `"LC"`. */
  readonly profile?: string;
  /** As written in the bitstream: 41 is level 4.1 in H.264, 123 is level 4.1 in HEVC. */
  readonly level?: number;
  /** Seconds per tick of the stream's time stamps. */
  readonly timeBase: Rational;
  /** Time stamp of the first picture or sample; seconds. */
  readonly startTime?: number;
  /** Seconds. */
  readonly duration?: number;
  /** Bits per second, as the container declares it or as its index adds up to. */
  readonly bitRate?: number;
  /** Packets in the container's index (MP4, MOV), which for picture is the number of frames, or its declared count. */
  readonly frameCount?: number;
  /** ISO 639-2 (`"eng"`) or the container's own tag. Absent when undetermined. */
  readonly language?: string;
  /** libav's names of the flags that are set, such as `"default"`, `"forced"`, `"attached_pic"`; empty when none is. */
  readonly disposition: readonly string[];
  /** The stream's own tags, language aside; empty when there are none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A stream of pictures. A cover image is one too, with `"attached_pic"` in its disposition. */
export interface VideoStreamInfo extends CommonStreamInfo {
  readonly type: "video";
  /** Pixels to show, after cropping, before `sampleAspectRatio` and `rotation`. */
  readonly width: number;
  readonly height: number;
  /** Pixels as coded: at least `width` and `height`, in H.264 and HEVC a whole number of coding blocks. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Width of a pixel divided by its height. Absent when the file does not say: then pixels are taken as square. */
  readonly sampleAspectRatio?: Rational;
  /**
   * Degrees, clockwise, in `[0, 360)`, to turn the picture by before showing it: 90 for a phone held upright.
   * Not a multiple of 90 only where the file says so. 0 when it says nothing.
   */
  readonly rotation: number;
  /** Whether the picture is to be mirrored left to right before it is turned. */
  readonly mirrored: boolean;
  /**
   * The container's matrix, row by row, from which `rotation` and `mirrored` come. Nine integers in ISO/IEC 14496-12's
   * fixed point: 16.16, in the last column 2.30. Absent when there is none.
   */
  readonly displayMatrix?: readonly number[];
  /** libav's name: `"yuv420p"`, `"yuv420p10le"`. */
  readonly pixelFormat?: string;
  /** Bits per component: 8, 10, 12. */
  readonly bitDepth?: number;
  /** How numbers become colours; each part absent when the file does not say. */
  readonly color: ColorInfo;
  /** `"progressive"`, or which field comes first as coded and as shown: `"tt"`, `"bb"`, `"tb"`, `"bt"`. */
  readonly fieldOrder?: "progressive" | "tt" | "bb" | "tb" | "bt";
  /** Absent when the stream carries none of it in its header or its first picture. */
  readonly hdr?: HdrInfo;
  /** Pictures per second on average: pictures divided by duration. */
  readonly averageFrameRate?: Rational;
  /**
   * The lowest rate on whose grid every time stamp lies, as far as libav can tell. Differs from the average in a
   * variable-rate file.
   */
  readonly realFrameRate?: Rational;
  /** How many pictures a decoder holds back to put them in order; 0 without B-frames. */
  readonly reorderDepth: number;
}

/** Names are libav's, as in `ffprobe`. */
export interface ColorInfo {
  /** `"tv"` (limited) or `"pc"` (full). */
  readonly range?: "tv" | "pc";
  /** Matrix: `"bt709"`, `"smpte170m"`, `"bt2020nc"`. */
  readonly space?: string;
  /** `"bt709"`, `"bt2020"`, `"smpte432"`. */
  readonly primaries?: string;
  /** `"bt709"`, `"smpte2084"` (PQ), `"arib-std-b67"` (HLG). */
  readonly transfer?: string;
  /** Where chroma samples lie: `"left"`, `"center"`, `"topleft"`. */
  readonly chromaLocation?: string;
}

/** High dynamic range side data. */
export interface HdrInfo {
  readonly masteringDisplay?: MasteringDisplay;
  readonly contentLight?: ContentLight;
  readonly dolbyVision?: DolbyVisionConfig;
}

/** The display the picture was graded on (SMPTE ST 2086). */
export interface MasteringDisplay {
  /** CIE 1931 coordinates. */
  readonly primaries?: {
    readonly red: Chromaticity;
    readonly green: Chromaticity;
    readonly blue: Chromaticity;
    readonly whitePoint: Chromaticity;
  };
  /** Candela per square metre. */
  readonly luminance?: { readonly min: number; readonly max: number };
}

/** CIE 1931 `x` and `y`, each 0 to 1. */
export type Chromaticity = readonly [x: number, y: number];

/** Content light level (CTA-861.3), candela per square metre; 0 means unknown. */
export interface ContentLight {
  /** The brightest pixel: MaxCLL. */
  readonly max: number;
  /** The brightest frame on average: MaxFALL. */
  readonly maxAverage: number;
}

/** The Dolby Vision configuration record (`dvcC` or `dvvC` in MP4). */
export interface DolbyVisionConfig {
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly profile: number;
  readonly level: number;
  readonly rpuPresent: boolean;
  readonly enhancementLayerPresent: boolean;
  readonly baseLayerPresent: boolean;
  /** What a player without Dolby Vision sees: 0 nothing usable, 1 HDR10, 2 SDR, 4 HLG. */
  readonly baseLayerCompatibilityId: number;
}

/** A stream of sound. */
export interface AudioStreamInfo extends CommonStreamInfo {
  readonly type: "audio";
  /** Samples per second and channel. */
  readonly sampleRate: number;
  readonly channels: number;
  /** libav's name: `"mono"`, `"stereo"`, `"5.1"`. Absent when only the number of channels is known. */
  readonly channelLayout?: string;
  /** What decoding gives, libav's name: `"fltp"`, `"s16"`. */
  readonly sampleFormat?: string;
  /** Bits per sample where coding is lossless; absent elsewhere. */
  readonly bitDepth?: number;
  /** Samples before the sound proper that a decoder puts out and a player drops (priming); 0 when none are declared. */
  readonly initialPadding: number;
}

/** A stream of neither pictures nor sound. */
export interface OtherStreamInfo extends CommonStreamInfo {
  readonly type: "subtitle" | "data" | "attachment" | "unknown";
}

/** A chapter mark. */
export interface ChapterInfo {
  /** Seconds, on the same clock as the streams' time stamps. */
  readonly start: number;
  readonly end: number;
  readonly title?: string;
  /** The chapter's tags, title aside; empty when there are none. */
  readonly metadata: Readonly<Record<string, string>>;
}
