import { Command, Option } from "commander";
import { fail, note } from "./outcome.js";
import {
  addPictureAndSoundOptions,
  addRootsOption,
  bytes,
  choice,
  mediaBaseOption,
  number,
  toExportOptions,
} from "./options.js";
/** @import { Processor } from "../../types/processor.js" */

const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]);

export function processCommand() {
  const command = new Command("process")
    .summary("render the jobs that are submitted to a media base, until it is stopped")
    .description(
      "Watches the job folders under <base>/exports/, renders those that are pending and writes their status.json. " +
        "Any number of processes may serve one base. Logs JSON lines on stderr.",
    )
    .addOption(mediaBaseOption("folder that holds exports/ and sources/"))
    .option("--concurrency <count>", "jobs rendered at once (default: half the cores)", number)
    .option("--memory-budget <bytes>", "memory of the running jobs together, such as 8G (default: 80 %)", bytes)
    .addOption(choice("--isolation <how>", "render in child processes, or in this one", ["process", "none"]))
    .addOption(milliseconds("--poll-interval <ms>", "time between two looks at the jobs").env("POLL_INTERVAL_MS"))
    .addOption(milliseconds("--lease <ms>", "silence after which a job is taken from its processor"))
    .option("--max-attempts <count>", "how often a job is tried in all", number)
    .addOption(milliseconds("--drain-timeout <ms>", "how long jobs may go on at SIGTERM (default: 30000)"))
    .option("--health-port <port>", "answer /healthz and /metrics here", number)
    .option("--health-host <address>", "address of that port (default: 127.0.0.1)")
    .addOption(milliseconds("--keep-age <ms>", "remove jobs that ended longer ago"))
    .option("--keep-count <count>", "remove the oldest jobs above this number", number)
    .option("--keep-bytes <bytes>", "remove the oldest jobs above this size in all, such as 500G", bytes)
    .addOption(milliseconds("--grace <ms>", "never remove a job that ended less long ago"))
    .addHelpText(
      "after",
      `
The first SIGTERM or Ctrl-C takes no more jobs and lets those that run end; a second one hands them back at once.

Examples:
  opencut-libav process --media-base /data
  MEDIA_BASE_PATH=/data opencut-libav process --concurrency 4 --health-port 9000`,
    );
  const roots = "let jobs read and write in this folder besides the base; may be given several times";
  return addRootsOption(addPictureAndSoundOptions(command), roots).action(serve);
}

/** @param {Record<string, any>} options As parsed. */
async function serve(options) {
  try {
    // Not at the start: the other commands need neither it nor its logger.
    const { createProcessor } = await import("../processor/index.js");
    const processor = createProcessor(toProcessorOptions(options));
    const stopped = stopAtSignals(processor, options.drainTimeout);
    await processor.start();
    await stopped;
  } catch (error) {
    fail(error, false);
  }
}

/**
 * @param {Processor} processor
 * @param {number | undefined} timeoutMs
 * @returns {Promise<void>} Resolves when it has stopped.
 */
function stopAtSignals(processor, timeoutMs) {
  return new Promise((resolve, reject) => {
    let count = 0;
    const stop = () => {
      count++;
      if (count > 2) process.exit(1);
      if (count === 1 && process.stderr.isTTY) note("Letting the running jobs end; Ctrl-C again hands them back.");
      processor.stop({ drain: count === 1, timeoutMs }).then(release, reject);
    };
    const release = () => {
      for (const name of SIGNALS) process.off(name, stop);
      resolve();
    };
    for (const name of SIGNALS) process.on(name, stop);
  });
}

/** @param {Record<string, any>} options As parsed. */
function toProcessorOptions(options) {
  const { mediaBasePath, allowedRoots, ...render } = toExportOptions(options);
  const { keepAge: maxAgeMs, keepCount: maxCount, keepBytes: maxBytes, grace: graceMs } = options;
  const keepsAll = maxAgeMs === undefined && maxCount === undefined && maxBytes === undefined;
  return {
    mediaBasePath,
    allowedRoots,
    render,
    concurrency: options.concurrency,
    memoryBudget: options.memoryBudget,
    isolation: options.isolation,
    pollIntervalMs: options.pollInterval,
    leaseMs: options.lease,
    maxAttempts: options.maxAttempts,
    healthPort: options.healthPort,
    healthHost: options.healthHost,
    retention: keepsAll ? undefined : { maxAgeMs, maxCount, maxBytes, graceMs },
  };
}

/** @param {string} flags @param {string} description */
function milliseconds(flags, description) {
  return new Option(flags, `${description}, in milliseconds`).argParser(number);
}
