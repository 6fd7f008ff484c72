// The processes that exports run in. Not part of the package's interface: the processor and the queue's workers use it.
import type { ExportConfigInput } from "./config.js";
import type { ExportDirection, ExportReport, ExportVideoOptions } from "./export.js";
import type { ExportProgress, JobOptions, LogLine } from "./job.js";
import type { ExportOptions } from "./options.js";
import type { ExportPlan } from "./plan.js";

/** Where jobs run: each in a process of its own, or all in this one, where a crash of a codec ends everything. */
export type Isolation = "process" | "none";

/** What receives a line for each change: pino's own signature. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a pool works. Every field is optional. */
export interface PoolOptions {
  /** Jobs that run at the same time, 1 or more; others wait their turn. Default: half the cores, at least 1. */
  readonly size?: number;
  /** Default: `"process"`. */
  readonly isolation?: Isolation;
  /** A child ends after this many plans and exports, 1 or more, and another takes its place. Default: 500. */
  readonly maxJobsPerChild?: number;
  /** A child whose resident memory is above this many bytes when its job is done ends, too. Default: 1 GiB. */
  readonly maxRssBytes?: number;
  /** Default: nothing is logged. */
  readonly log?: Logger;
  /** Arguments of the JavaScript runtime in children, such as `--max-old-space-size=512`. Default: none. */
  readonly execArgv?: readonly string[];
}

/**
 * Runs plans and exports, at most `size` at the same time, in the order of the calls. Children are started when they
 * are first needed and keep the process alive until the pool is closed; they end with it, however it ends.
 */
export interface Pool extends AsyncDisposable {
  /** As `planExport`. Rejects as {@link Pool.render} does. */
  plan(config: ExportConfigInput, options?: ExportOptions & JobOptions): Promise<ExportPlan>;
  /**
   * As `exportVideo`, whose part file, where the child crashed or was killed, stays until the next export to the same
   * target. A cancelled child that has not answered within 2 seconds is killed.
   * @throws {MediaError} `ERR_CRASHED` when the child ended before its job did.
   * @throws An `AbortError` when the pool is closed.
   */
  render(config: ExportConfigInput, options?: ExportVideoOptions): Promise<ExportReport>;
  /** Cancels what runs and waits, and resolves when every child is gone. May be called any number of times. */
  close(): Promise<void>;
}

/** What a child is told to do. */
export interface ChildTask {
  readonly type: "run";
  readonly kind: "plan" | "export";
  /** Of an export config, what the addon takes. */
  readonly config: unknown;
  readonly options: object;
  readonly wantsProgress: boolean;
  readonly wantsLog: boolean;
  /** An export waits with its plan until it is told to proceed. */
  readonly wantsPlan: boolean;
  /** How many other children use the cores. */
  readonly jobsElsewhere: number;
}

/** What a parent sends to its child. */
export type ParentMessage =
  | ChildTask
  | { readonly type: "proceed"; readonly direction: ExportDirection; readonly jobsElsewhere: number }
  | { readonly type: "cancel" }
  | { readonly type: "end" };

/** How a task ended, as its child tells it. */
export type ChildAnswer = ChildResult | ChildFailure;

/** What every answer has. */
interface ChildState {
  /** Resident memory of the child. */
  readonly rssBytes: number;
  /** A cancelled job is kept by a system call and goes on when that returns. */
  readonly stillBusy: boolean;
}

/** What the job resolves with. */
export interface ChildResult extends ChildState {
  readonly type: "result";
  readonly result: any;
}

/** What the job rejects with. */
export interface ChildFailure extends ChildState {
  readonly type: "failure";
  /** What `MediaError.fromJSON` takes. Absent: the cancellation, or a mistake in the program. */
  readonly media?: unknown;
  readonly message: string;
  readonly stack?: string;
}

/** What a child sends to its parent. */
export type ChildMessage = ChildAnswer | ChildEvent;

/** What a child tells while a task is being done. */
export type ChildEvent =
  | { readonly type: "plan"; readonly value: ExportPlan }
  | { readonly type: "progress"; readonly value: ExportProgress }
  | { readonly type: "log"; readonly value: LogLine };

/** How a child's process ended. */
export interface ChildEnd {
  readonly type: "ended";
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it did not start. */
  readonly error?: Error;
  /** The last it wrote to stderr. */
  readonly stderr: string;
  /** The file it opened last; undefined when its job had opened none. */
  readonly file?: string;
}

/** What an export is expected to take while it runs. */
export interface ExportCost {
  /** Resident memory of a process that does nothing else, at its peak. */
  readonly memoryBytes: number;
  /** That can be busy at the same time. */
  readonly threads: number;
}
