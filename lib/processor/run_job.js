// One job, from its folder to its end.
import { setTimeout as sleep } from "node:timers/promises";
import { isMediaError, MediaError } from "../errors.js";
import { makeAttempt } from "./attempt.js";
import { watchForCancellation } from "./cancellation.js";
import { obtainClaim } from "./claiming.js";
import { fail, leave, publish } from "./ending.js";
import { asFileError, systemCode } from "./file_error.js";
import { startHeartbeat } from "./heartbeat.js";
import { openJobFolder } from "./job_folder.js";
import { OwnedJob } from "./owned_job.js";
import { nextAttempt } from "./retry.js";
import { JobStopped } from "./stopped.js";
/** @import { JobFolder } from "./job_folder.js" */
/** @import { Service } from "./service.js" */
/** @import { Why } from "./stopped.js" */

// What does not parse may be half written.
const SECOND_LOOK_MS = 1000;
// Of owners in a row. One may have been ended by this very job.
const MOST_DEATHS = 5;

/** @typedef {"completed" | "failed" | Why | "left"} Outcome `left`: not this process's, or not any more. */

/**
 * @param {Service} service
 * @param {string} id
 * @param {object} options
 * @param {AbortSignal} options.handBack
 * @param {unknown} [options.config] Instead of what stands in the job's folder; then the status may be missing.
 * @returns {Promise<Outcome>}
 */
export async function runJob(service, id, { handBack, config }) {
  const folder = await openJobFolder(service.layout, id);
  if (!folder) return "left";
  try {
    const { content, job, sign } = await readConfig(folder, config);
    if (handBack.aborted) return "left";
    const obtained = await obtainClaim(service, folder, job, { isAsked: config !== undefined });
    if (!obtained) return "left";
    const value = content.kind === "read" ? content.value : undefined;
    const owned = new OwnedJob(service, folder, obtained.claim, value, handBack);
    const status = obtained.isUnreadable && (await folder.readStatus()).content;
    if (status && status.kind === "broken") owned.problem = status.error;
    if (content.kind === "broken") owned.problem = content.error;
    if (content.kind === "absent") owned.problem = noConfig(folder);
    return await ownJob(service, owned, { job, configSign: config === undefined ? sign : null });
  } finally {
    folder.close();
  }
}

/**
 * @param {JobFolder} folder
 * @param {unknown} given
 * @returns {ReturnType<JobFolder["readConfig"]>}
 */
async function readConfig(folder, given) {
  const first = await folder.readConfig();
  if (given !== undefined) return { ...first, content: { kind: "read", value: /** @type {any} */ (given) } };
  if (first.content.kind === "read") return first;
  await sleep(SECOND_LOOK_MS);
  return folder.readConfig();
}

/**
 * @param {Service} service
 * @param {OwnedJob} owned
 * @param {{ job: string, configSign: string | null }} options
 * @returns {Promise<Outcome>}
 */
async function ownJob(service, owned, { job, configSign }) {
  const { claims, log, settings } = service;
  const { claim, folder, handBack } = owned;
  const onHandBack = () => owned.leave("handed back");
  handBack.addEventListener("abort", onHandBack);
  if (handBack.aborted) onHandBack();
  const stopHeartbeat = startHeartbeat(claims, claim, {
    leaseMs: settings.leaseMs,
    onLost: () => owned.leave("lost"),
    onError: (error) => log.warn({ job: owned.id, error: String(error) }, "sign of life cannot be written"),
  });
  const stopWatching = watchForCancellation(folder, {
    job,
    configSign,
    isEnded: () => owned.isEnded,
    onCancel: (why) => owned.leave(why),
  });
  const beganMs = performance.now();
  /** @type {Outcome} */
  let outcome;
  try {
    outcome = await carryThrough(service, owned);
  } finally {
    stopWatching();
    stopHeartbeat();
    handBack.removeEventListener("abort", onHandBack);
    await owned.close();
  }
  const elapsedMs = Math.round(performance.now() - beganMs);
  log.info({ job: owned.id, claim: claim.number, elapsedMs }, `job ${outcome}`);
  countOutcome(service, outcome, elapsedMs);
  return outcome;
}

/** @param {Service} service @param {OwnedJob} owned @returns {Promise<Outcome>} */
async function carryThrough(service, owned) {
  try {
    await owned.removeLeftovers();
    if (owned.problem) return await fail(service, owned, owned.problem);
    const deaths = owned.claim.facts?.deaths ?? 0;
    if (deaths >= MOST_DEATHS) return await fail(service, owned, tooManyDeaths(deaths));
    const { part, output } = await tryAttempts(service, owned);
    return await publish(service, owned, part, output);
  } catch (error) {
    if (owned.stop.signal.aborted) return leave(service, owned, owned.stop.signal.reason.why);
    return fail(service, owned, isMediaError(error) ? error : unexpected(error));
  }
}

/**
 * @param {Service} service
 * @param {OwnedJob} owned
 * @returns {Promise<{ part: string, output: string }>} Throws what the last attempt did.
 */
async function tryAttempts(service, owned) {
  const { maxAttempts } = service.settings;
  const { signal } = owned.stop;
  let alone = false;
  for (let attempt = 1; ; attempt++) {
    try {
      service.counts.attempts++;
      await owned.begin("Looking at the sources");
      signal.throwIfAborted();
      const options = { attempt, alone, signal, onProgress: (/** @type {any} */ state) => owned.report(state) };
      return await makeAttempt(service, owned, options);
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = isMediaError(error) ? error : unexpected(error);
      if (failure.code === "ERR_CRASHED") service.counts.crashes++;
      owned.dropProgress();
      await owned.removeParts();
      const next = nextAttempt(failure, { attempt, maxAttempts, wasAlone: alone });
      service.log.warn(
        { job: owned.id, attempt, code: failure.code, error: failure.message, ...next },
        "attempt failed",
      );
      if (!next) throw failure;
      await sleep(next.delayMs, undefined, { signal }).catch(() => {}); // Cut short: the next line says why.
      signal.throwIfAborted();
      alone = next.alone;
      service.counts.retries++;
    }
  }
}

/** @param {Service} service @param {Outcome} outcome @param {number} elapsedMs */
function countOutcome({ counts }, outcome, elapsedMs) {
  if (outcome === "completed") {
    counts.jobsCompleted++;
    counts.completedSeconds += elapsedMs / 1000;
  } else if (outcome === "failed") counts.jobsFailed++;
  else if (outcome === "cancelled" || outcome === "superseded") counts.jobsCancelled++;
  else if (outcome === "lost") counts.jobsLost++;
  else if (outcome === "handed back") counts.jobsHandedBack++;
}

/** @param {JobFolder} folder */
function noConfig(folder) {
  const path = folder.file("config.json");
  return new MediaError("ERR_BAD_ARGS", "The job has no config.json", { context: { path } });
}

/** @param {number} deaths */
function tooManyDeaths(deaths) {
  return new MediaError("ERR_CRASHED", `${deaths} processors in a row ended while they rendered this job`, {
    hint: "Check the sources, and how much memory the processors may use.",
    retryable: false,
  });
}

/** @param {unknown} error What is no MediaError: the file system's, or a mistake in the program. */
function unexpected(error) {
  if (error instanceof JobStopped) throw error;
  if (systemCode(error) !== undefined) return asFileError(error, "The job's files cannot be kept");
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return new MediaError("ERR_BAD_ARGS", message, { cause: error });
  return new MediaError("ERR_EXEC", message, { retryable: false, cause: error });
}
