// What the addon exports. Not part of the package's interface: lib/ alone talks to it.

/** One addon, loaded into one JavaScript environment. */
export interface NativeAddon {
  /**
   * Starts a job on a thread of its own.
   * @param requestJson `{ input, options }` for `probe`, `{ config, options }` for the others.
   * @param onProgress Receives an {@link ExportProgress} as JSON. Must not throw.
   * @param onLog Receives a {@link LogLine} as JSON. Must not throw.
   * @param onPlan Receives an {@link ExportPlan} as JSON, of an export that then waits for {@link NativeJob.proceed}.
   * Must not throw.
   * @throws {TypeError} An argument has the wrong type.
   */
  start(
    kind: "probe" | "plan" | "export",
    requestJson: string,
    onProgress?: (progressJson: string) => void,
    onLog?: (logJson: string) => void,
    onPlan?: (planJson: string) => void,
  ): NativeJob;
  /** A {@link Capabilities} as JSON, without `versions.package`. */
  capabilities(): string;
  /** Cancels every running job of this environment and waits, at most `timeoutMs`, until they have cleaned up. */
  cancelAll(timeoutMs: number): void;
  activeJobs(): number;
  /** Kills this process when `parentPid`, which must be its parent, ends; at once when that has ended. Linux only. */
  endWithParent(parentPid: number): void;
  /**
   * Tells how many jobs run in other processes on the same cores: exports that start from now on keep the fewer threads
   * busy, for the whole process. Their output does not depend on it.
   */
  shareCoresWith(jobsElsewhere: number): void;
  /**
   * From now on, in the whole process, the path of each file that is about to be opened for reading is written at the
   * start of what the descriptor has open, with zeros up to 4096 bytes.
   */
  recordOpenedFiles(fd: number): void;
}

/** A running job. */
export interface NativeJob {
  /**
   * The result as JSON. Rejects with a {@link NativeFailure}.
   */
  readonly done: Promise<string>;
  /** May be called at any time, any number of times; returns at once. */
  cancel(): void;
  /**
   * Has it go on, to write to `output` where that is given. Only the first call counts; may be called at any time.
   */
  proceed(output?: string): void;
}

/** What a job rejects with. */
export interface NativeFailure extends Error {
  /** JSON: `{"code":"ABORTED"}`, or what `MediaError.fromJSON` takes, less `name`. */
  readonly details: string;
}
