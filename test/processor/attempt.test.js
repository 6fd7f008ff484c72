// An attempt's place among those that render: kept while it renders, given back however it ends.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { planExport } from "@opencut/libav";
import { createAdmission } from "../../lib/processor/admission.js";
import { makeAttempt } from "../../lib/processor/attempt.js";
import { openJobFolder } from "../../lib/processor/job_folder.js";
import { findLayout } from "../../lib/processor/layout.js";
import { shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { recordLog } from "../children/support/log.js";

/** An attempt by a pool whose child does `render` with the plan's answer. */
async function attemptBy(render) {
  const layout = await findLayout(temporaryFolder());
  mkdirSync(path.join(layout.exports, "a"), { recursive: true });
  const folder = await openJobFolder(layout, "a");
  const output = path.join(layout.exports, "a", "output.mp4");
  const plan = await planExport(shortEdit, { mediaBasePath: small.base, output });
  const pool = { render: (_, { onPlan }) => render(() => onPlan(plan)) };
  const admission = createAdmission({ budgetBytes: 1 });
  const settings = { render: { threads: 1 }, allowedRoots: [] };
  const service = { layout, pool, admission, settings, log: recordLog() };
  const job = { id: "a", folder, config: shortEdit, claim: { token: "abc" } };
  const begin = (signal = new AbortController().signal) =>
    makeAttempt(service, job, { attempt: 1, alone: false, signal, onProgress() {} }).finally(() => folder.close());
  return { admission, begin };
}

/** Another that renders, until it is told to leave. */
const another = (admission) => admission.admit({ bytes: 1 }, new AbortController().signal);

describe("the place of an attempt", () => {
  test("is its own while it renders, and free when it is done", async () => {
    const seen = [];
    const { admission, begin } = await attemptBy(async (ask) => {
      const { output } = await ask();
      seen.push(path.basename(output), admission.reservedBytes() > 0);
    });
    await begin();
    assert.match(seen[0], /^\.opencut-.*-abc-1\.part$/);
    assert.deepEqual([seen[1], admission.reservedBytes()], [true, 0]);
  });

  /** An attempt whose child crashes while another renders, right after `before`; what its plan was answered. */
  async function crashWhileWaiting(before) {
    const crash = new Error("crashed");
    let answer;
    const { admission, begin } = await attemptBy(async (ask) => {
      answer = ask();
      answer.catch(() => {}); // Told to whoever looks at it.
      await sleep(50);
      before(leave);
      throw crash;
    });
    const leave = await another(admission);
    await assert.rejects(begin(), (error) => error === crash);
    return { admission, leave, answer: () => answer };
  }

  test("is not waited for any more when its child ends meanwhile", async () => {
    const { admission, leave, answer } = await crashWhileWaiting(() => {});
    await assert.rejects(answer, { name: "AbortError" });
    leave();
    assert.equal(admission.reservedBytes(), 0);
  });

  test("is given back when its child ends as it is granted", async () => {
    const { admission, answer } = await crashWhileWaiting((leave) => leave());
    await assert.doesNotReject(answer);
    assert.equal(admission.reservedBytes(), 0);
  });

  test("is not waited for any more when the job is to be left", async () => {
    const controller = new AbortController();
    const { admission, begin } = await attemptBy((ask) => ask());
    const leave = await another(admission);
    setTimeout(() => controller.abort(new Error("left")), 50);
    await assert.rejects(begin(controller.signal), { message: "left" });
    leave();
    assert.equal(admission.reservedBytes(), 0);
  });
});
