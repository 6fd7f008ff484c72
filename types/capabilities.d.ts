/**
 * Says what this copy of the package can do. Loads the addon; quick, and the same for as long as the process lives.
 *
 * @throws {MediaError} `ERR_NATIVE_UNAVAILABLE`.
 */
export function capabilities(): Capabilities;

/** What this copy of the package was built with. Names are libav's, sorted. */
export interface Capabilities {
  readonly versions: {
    /** This package's. */
    readonly package: string;
    /** FFmpeg's own, such as `"5.1.9-0+deb12u1"`. */
    readonly ffmpeg: string;
    /** libav libraries' as loaded, `"59.27.100"`. */
    readonly libavformat: string;
    readonly libavcodec: string;
    readonly libavfilter: string;
    readonly libavutil: string;
    readonly libswresample: string;
    readonly libswscale: string;
  };
  readonly encoders: readonly string[];
  readonly decoders: readonly string[];
  readonly muxers: readonly string[];
  /** Those that a source can be read by. */
  readonly protocols: readonly string[];
  /** Kinds of hardware device libav was built for, such as `"cuda"`; whether one is there is another matter. */
  readonly hardware: readonly string[];
  /** The licence that libav's build puts the addon under: `"GPL version 2 or later"`. */
  readonly license: string;
}
