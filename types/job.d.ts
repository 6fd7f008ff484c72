/** What every job takes, whatever it does. */
export interface JobOptions {
  /**
   * Stops the job: the promise rejects with `signal.reason`, no callback is called afterwards, and nothing is left on
   * disk. A signal that is already aborted starts nothing. An abort after the output got its final name comes too
   * late: the promise resolves.
   */
  readonly signal?: AbortSignal;
  /**
   * Receives what libav logs, as it happens; nothing is ever written to stderr. Called on the thread that started the
   * job. If it throws, the job is cancelled and the promise rejects with what was thrown.
   */
  readonly onLog?: (line: LogLine) => void;
}

/** Where a job stands. */
export type ExportPhase = "planning" | "rendering" | "finalizing" | "verifying";

/** One line of libav's log. */
export interface LogLine {
  /** libav's, gravest first; its `panic` and `fatal` come as `error`. */
  readonly level: "error" | "warning" | "info" | "verbose" | "debug";
  /** Without a line break at its end. Text is libav's and not API. */
  readonly message: string;
  /** What wrote it, by libav's name: `"h264"`, `"libx264"`. Empty when libav does not say. */
  readonly component: string;
  /**
   * True when libav does not say which job wrote the line; every job that is running then receives it.
   */
  readonly unknownOrigin: boolean;
  /** How many lines before this one were dropped because they came faster than they were taken. */
  readonly dropped: number;
}

/** How far an export has come. The latest state, at most ten times a second; states in between are skipped. */
export interface ExportProgress {
  readonly phase: ExportPhase;
  /** 0 to 1, counted on the output's timeline. Never falls. 1 once, when the file has its final name. */
  readonly progress: number;
  /** Index into the config's segments of the one being written, from 0. */
  readonly segment: number;
  /** How many segments the config has. */
  readonly segments: number;
  /** Seconds of output written. */
  readonly time: number;
  /** Seconds of output in all; 0 while planning. */
  readonly duration: number;
  readonly framesCopied: number;
  readonly framesEncoded: number;
  readonly bytesWritten: number;
  /** Seconds of output per second of the clock; null while unknown. */
  readonly speed: number | null;
  /** Seconds left, estimated; null while unknown. */
  readonly etaSeconds: number | null;
}
