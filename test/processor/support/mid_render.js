// Jobs that take long enough for something to happen to them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { large, longEdit, shortEdit, small } from "../../binding/support/footage.js";
import { makeBase } from "./bases.js";
import { assertCompleted } from "./checks.js";
import { publications, startProcessor, until } from "./processors.js";
import { watchJob } from "./witness.js";

/** What processors of tests are started with. */
export const leaseMs = 2000;

/** Options of processors whose jobs take long. */
export const slowly = ["--mode", "reencode", "--preset", "superfast"];

/** A config that is done in no time. @param {import("./bases.js").Base} base @param {string} id */
export const short = (base, id) => base.configOf(small, id, shortEdit.segments);

/** A config that takes seconds. @param {import("./bases.js").Base} base @param {string} id @param {number} [segments] */
export const long = (base, id, segments = 3) => base.configOf(large, id, longEdit(segments).segments);

/** @param {import("./bases.js").Base} base @param {string} id */
export const isRendering = (base, id) => until(() => base.statusOf(id).progress > 0, `${id} is being rendered`);

/** The processes that a processor renders in. @param {number} pid */
export function childrenOf(pid) {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return text.trim().split(/\s+/).map(Number);
}

/** @param {string} what @param {number} sinceMs */
export function showRecovery(what, sinceMs) {
  const tookMs = Math.round(performance.now() - sinceMs);
  if (process.env.OPENCUT_SHOW_FIGURES) console.log(`${what}: ${tookMs} ms`);
  return tookMs;
}

/**
 * Submits a job that takes its time to a new base, and waits until it is being rendered.
 * @param {string[]} [args] Of the processor.
 * @param {Parameters<typeof startProcessor>[2]} [options]
 */
export async function inMidRender(args = [], options = {}) {
  const base = makeBase();
  const config = long(base, "a");
  const processor = startProcessor(base, [...slowly, ...args], options);
  await processor.started();
  const witness = watchJob(base, "a");
  base.submit("a", config);
  await isRendering(base, "a");
  return { base, config, processor, witness };
}

/**
 * @param {Awaited<ReturnType<typeof inMidRender>>} run
 * @param {import("./processors.js").Processor[]} processors
 */
export async function assertPublishedOnce({ base, config, witness }, processors) {
  await assertCompleted(base, "a", config, { mode: "reencode" });
  assert.deepEqual(witness.end(), []);
  assert.equal(publications(processors, "a"), 1);
}
