// What a job that is over must have left.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { verifyExport } from "../../support/verify/verify-export.mjs";
import { until } from "./processors.js";

/** @param {import("./bases.js").Base} base @param {string} id */
export const isOver = (base, id) => ["completed", "failed"].includes(base.statusOf(id).status);

/** @param {import("./bases.js").Base} base @param {string} id */
export async function overOf(base, id) {
  await until(() => isOver(base, id), `${id} is over`);
  return base.statusOf(id);
}

/**
 * It is completed, its output is what its config asks for, and nothing else is in its folder.
 * @param {import("./bases.js").Base} base
 * @param {string} id
 * @param {object} config
 * @param {{ mode?: string }} [options]
 */
export async function assertCompleted(base, id, config, { mode = "exact" } = {}) {
  const status = await overOf(base, id);
  assert.deepEqual(status, {
    jobId: id,
    status: "completed",
    progress: 1,
    message: "Completed",
    downloadUrl: `/api/export/${id}/download`,
  });
  assert.deepEqual(base.namesIn(id), ["config.json", "output.mp4", "status.json"]);
  const check = { config, output: base.output(id), mediaBase: base.folder, mode, maxLagMs: 12, randomAccess: false };
  assert.deepEqual((await verifyExport(check)).findings, []);
}

/** Nothing is left of a job that was removed. @param {import("./bases.js").Base} base @param {string} id */
export async function assertNothingLeft(base, id) {
  assert.ok(!existsSync(base.jobFolder(id)), "its folder was made anew");
  await until(() => !existsSync(path.join(base.folder, ".opencut", "claims", id)), "its claims are gone");
  // Another job's claim lies there for a moment, before it has its name.
  const staging = path.join(base.folder, ".opencut", "staging");
  await until(() => readdirSync(staging).length === 0, "nothing is left half made");
}
