import type { ExportConfigInput } from "./config.js";
import type { MediaErrorCode } from "./errors.js";
import type { ExportOptions } from "./options.js";

/**
 * Renders the job in `jobDir` and writes its `status.json` as it goes: `processing` with `progress` and `message`, at
 * the end `completed` with `downloadUrl`, or `failed` with `error`, `code` and `hint`. Whole at every moment, written
 * at most once a second. Leaves a job alone that another processor is rendering, and one that is over already.
 *
 * Never throws and never rejects: whatever goes wrong stands in `status.json` and in the log. Resolves when the job is
 * completed, failed, cancelled, handed back or another's.
 *
 * @param config The content of `config.json`, parsed. Checked here whether or not the caller has.
 * @param jobDir `<mediaBasePath>/exports/<id>`; the id in `status.json` is the folder's name. Never created here: once
 * it is gone the job is cancelled.
 * @param mediaBasePath Default: `MEDIA_BASE_PATH` of the environment.
 */
export function processExportJob(
  config: ExportConfigInput,
  jobDir: string,
  mediaBasePath?: string,
  options?: ProcessJobOptions,
): Promise<void>;

/**
 * A processor of the jobs under `<mediaBasePath>/exports/`: any number of them may serve one base, on one machine or
 * several. Each job is rendered by one at a time and its output published once. Does nothing before `start`.
 *
 * @throws {TypeError} An option has the wrong type.
 * @throws {MediaError} `ERR_BAD_ARGS`: an option is out of its range.
 */
export function createProcessor(options?: ProcessorOptions): Processor;

/** How outputs are rendered, whatever their job. */
export type RenderOptions = Omit<
  ExportOptions,
  "mediaBasePath" | "output" | "overwrite" | "allowedRoots" | "allowedProtocols"
>;

/** What a single job and a processor take alike. */
export interface ProcessJobOptions {
  /**
   * `"process"` (default): jobs are rendered in child processes, so that a media library that crashes or eats memory
   * takes one attempt with it and not this process. `"none"`: in this process.
   */
  readonly isolation?: "process" | "none";
  /** Absolute folders besides the base that sources may be read from and outputs written to. Default: none. */
  readonly allowedRoots?: readonly string[];
  /** Mode, sound, encoder settings, threads, checks. Default: as `exportVideo`. */
  readonly render?: RenderOptions;
  /** How often a job that fails with a retryable error is tried in all, 1 to 100. Default: 3. */
  readonly maxAttempts?: number;
  /**
   * Milliseconds, 200 or more, that a claim may show no sign of life before another processor takes the job over.
   * Measured by the observer's own monotonic clock. The same for all processors of a base. Default: 30000.
   */
  readonly leaseMs?: number;
  /** Default: JSON lines on stderr, by pino. */
  readonly logger?: ProcessorLogger;
  /** Hands the job back when aborted: its attempt is stopped and its status is `pending` again. */
  readonly signal?: AbortSignal;
}

/** How a processor works. */
export interface ProcessorOptions extends Omit<ProcessJobOptions, "signal"> {
  /** Folder that holds `exports/` and `sources/`. Default: `MEDIA_BASE_PATH` of the environment. */
  readonly mediaBasePath?: string;
  /** Jobs rendered at once, 1 to 256. Default: half the cores, at least 1. */
  readonly concurrency?: number;
  /**
   * Bytes that the running jobs may need together, by estimate of their plans. One job always runs. Default: 80 % of
   * the cgroup's limit, or of the machine's memory where there is none.
   */
  readonly memoryBudget?: number;
  /**
   * Milliseconds between two looks at the jobs, 20 or more; new folders are noticed sooner. While every place is taken,
   * the processor looks three times a lease, and never more often; of jobs that are over it looks at 100 at a time, in
   * turn, so that one that is set to `pending` again among thousands waits for its turn. Default: 1000.
   */
  readonly pollIntervalMs?: number;
  /** Plans and exports, two a job, after which a child is replaced; 1 or more. Default: 500. */
  readonly maxJobsPerChild?: number;
  /** Resident bytes above which a child is replaced once its job is over. Default: 1 GiB. */
  readonly maxRssBytes?: number;
  /** What is removed of jobs that are over. Default: nothing. */
  readonly retention?: RetentionOptions;
  /** Port of `/healthz` and `/metrics`, 0 to 65535, 0 for any that is free. Default: no server. */
  readonly healthPort?: number;
  /** Address that the port is opened on. Default: `"127.0.0.1"`. */
  readonly healthHost?: string;
}

/**
 * Which completed and failed jobs are kept. A job goes, folder and all, when any of the limits says so; oldest first.
 * Never one with a file that a process of this machine has open, nor one that ended less than `graceMs` ago.
 */
export interface RetentionOptions {
  /** Milliseconds since the job ended. Default: no limit. */
  readonly maxAgeMs?: number;
  /** Jobs. Default: no limit. */
  readonly maxCount?: number;
  /** Bytes of the files in the jobs' folders. Default: no limit. */
  readonly maxBytes?: number;
  /** Milliseconds. Default: 3600000. */
  readonly graceMs?: number;
}

/** What a logger must have: pino's own, or anything with these four. */
export interface ProcessorLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A processor. `await using` stops it at the end of its block. */
export interface Processor {
  /**
   * Looks whether the file system keeps what claims are built on, then begins to take jobs. A second call does
   * nothing.
   * @throws {MediaError} `ERR_BAD_ARGS`: there is no `mediaBasePath`, or the processor was stopped before.
   * `ERR_NATIVE_UNAVAILABLE`. `ERR_FS`: the base is not there, cannot be written, or exclusive creation or renaming do
   * not hold on it; or the health port cannot be opened.
   */
  start(): Promise<void>;
  /**
   * Takes no more jobs, and resolves when none is running. Called again it stops sooner where it now asks for that.
   */
  stop(options?: StopOptions): Promise<void>;
  /**
   * Follows one job of the base, whoever renders it: yields its status now and at each change, and ends when it is
   * completed, failed or cancelled. A job that is not there is waited for.
   * @throws `options.signal.reason` when aborted.
   * @throws {MediaError} `ERR_BAD_ARGS`: no job can have this id.
   */
  watch(id: string, options?: WatchOptions): AsyncIterableIterator<JobStatus>;
  /** Figures since the processor was made. */
  metrics(): ProcessorMetrics;
  /**
   * The same as Prometheus text.
   * @throws {MediaError} `ERR_PLAN_UNSUPPORTED`: the optional peer `prom-client` is not installed.
   */
  prometheusText(): Promise<string>;
  /** What `/healthz` answers. */
  health(): ProcessorHealth;
  /** `stop({ drain: false })`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How a processor stops. */
export interface StopOptions {
  /** True (default): running jobs may end by themselves. False: all are handed back at once, `pending` again. */
  readonly drain?: boolean;
  /** Milliseconds after which those that still run are handed back. Default: 30000. */
  readonly timeoutMs?: number;
}

/** How a job is followed. */
export interface WatchOptions {
  readonly signal?: AbortSignal;
}

/** A job's `status.json`: what the caller's schema knows, and what this package adds to it. */
export interface JobStatus {
  readonly jobId: string;
  /** `"cancelled"` once the job's folder is gone, or when that is what stands in the file. */
  readonly status: "pending" | "processing" | "completed" | "failed" | "cancelled";
  /** 0 to 1, counted on the output's timeline; never falls within an attempt. 1 once the output has its name. */
  readonly progress: number;
  /** For people: `"Rendering segment 3 of 21"`. */
  readonly message?: string;
  /** Why it failed; for people. */
  readonly error?: string;
  readonly downloadUrl?: string;
  /** Why it failed; for programs. */
  readonly code?: MediaErrorCode;
  /** What can be done about it; for people. */
  readonly hint?: string;
}

/** Counts and levels of one processor. */
export interface ProcessorMetrics {
  readonly jobsCompleted: number;
  readonly jobsFailed: number;
  readonly jobsCancelled: number;
  /** Given back unfinished, by `stop`. */
  readonly jobsHandedBack: number;
  /** Taken from an owner that showed no sign of life. */
  readonly jobsTakenOver: number;
  /** Taken from this processor, which had shown no sign of life itself. */
  readonly jobsLost: number;
  /** Removed by retention. */
  readonly jobsRemoved: number;
  /** Renders begun. */
  readonly attempts: number;
  /** Renders begun again after a retryable failure. */
  readonly retries: number;
  /** Attempts that ended with their child. */
  readonly crashes: number;
  /** Seconds from claim to end of the jobs that were completed, in all. */
  readonly completedSeconds: number;
  /** Bytes of the outputs published, in all. */
  readonly bytesPublished: number;
  /** Jobs that this processor has claimed now. */
  readonly jobsRunning: number;
  /** Jobs that were waiting at the last look. */
  readonly jobsWaiting: number;
  /** Bytes that the running jobs need, by estimate. */
  readonly memoryReservedBytes: number;
  readonly memoryBudgetBytes: number;
}

/** Whether a processor does its work. */
export interface ProcessorHealth {
  /** `"failing"`: the base could not be looked at, or the last look is too long ago. */
  readonly status: "ok" | "stopping" | "failing";
  readonly host: string;
  readonly pid: number;
  /** Seconds since `start`. */
  readonly uptimeSeconds: number;
  /** Milliseconds since the last look at the jobs that succeeded; null before the first. */
  readonly lastScanAgoMs: number | null;
  readonly jobsRunning: number;
  readonly jobsWaiting: number;
}
