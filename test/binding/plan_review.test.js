// An export that shows its plan and waits for an answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { exportVideo, planExport } from "@opencut/libav";
import { folderWithTarget, namesIn, shortEdit, small } from "./support/footage.js";
import { run, withoutLeakCheck } from "./support/programs.js";

const undecided = fileURLToPath(new URL("support/undecided_export.js", import.meta.url));
const base = { mediaBasePath: small.base };

describe("onPlan", () => {
  test("receives once what planExport gives, before anything is written", async () => {
    const { target: output, assertUntouched } = folderWithTarget();
    const plans = [];
    const onPlan = async (plan) => {
      plans.push(plan);
      await sleep(100);
      assertUntouched();
    };
    const report = await exportVideo(shortEdit, { ...base, output, onPlan });
    assert.deepEqual(plans, [await planExport(shortEdit, { ...base, output })]);
    assert.deepEqual(report.runs, plans[0].runs);
  });

  test("may name another output: that alone is written, and reported", async () => {
    const { folder, target: output } = folderWithTarget();
    const other = path.join(folder, "other.mp4");
    const report = await exportVideo(shortEdit, { ...base, output, onPlan: () => ({ output: other }) });
    assert.equal(report.output.path, other);
    assert.deepEqual(namesIn(folder), ["other.mp4", "out.mp4"]);
    assert.equal(readFileSync(output, "utf8"), "earlier");
    const plain = path.join(folder, "plain.mp4");
    await exportVideo(shortEdit, { ...base, output: plain });
    assert.ok(readFileSync(other).equals(readFileSync(plain)));
  });

  test("is waited for as long as it takes, which does not count as time of the export", async () => {
    const { target: output } = folderWithTarget();
    const startedMs = performance.now();
    const report = await exportVideo(shortEdit, { ...base, output, onPlan: () => sleep(3000) });
    assert.ok(performance.now() - startedMs - report.elapsedMs >= 2990, `${report.elapsedMs} ms`);
  });

  const oops = new Error("oops");
  const refusals = {
    "that throws": [
      () => {
        throw oops;
      },
      (error) => error === oops,
    ],
    "that rejects": [() => Promise.reject(oops), (error) => error === oops],
    "that answers with something else": [() => ({ output: 5 }), TypeError],
    "that names a source": [() => ({ output: small.sources[1] }), { code: "ERR_BAD_ARGS" }],
    "that names a place outside the allowed roots": [() => ({ output: "/elsewhere.mp4" }), { code: "ERR_BAD_ARGS" }],
    "that names a folder that is not there": [
      () => ({ output: path.join(small.base, "none", "out.mp4") }),
      { code: "ERR_FS" },
    ],
  };
  for (const [name, [onPlan, expected]] of Object.entries(refusals)) {
    test(`${name} ends the export, and nothing is written`, async () => {
      const { folder, target: output, assertUntouched } = folderWithTarget();
      const options = { ...base, output, allowedRoots: [small.base, folder], onPlan };
      await assert.rejects(exportVideo(shortEdit, options), expected);
      assertUntouched();
    });
  }

  test("that never answers is given up at an abort", async () => {
    const { target: output, assertUntouched } = folderWithTarget();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onPlan = () => {
      setTimeout(() => controller.abort(reason), 50);
      return new Promise(() => {});
    };
    const done = exportVideo(shortEdit, { ...base, output, signal: controller.signal, onPlan });
    await assert.rejects(done, (error) => error === reason);
    assertUntouched();
  });

  test("that never answers keeps neither a worker nor a process", async () => {
    const { target: output, assertUntouched } = folderWithTarget();
    const request = { config: shortEdit, options: { ...base, output } };
    const { code } = await run([undecided, JSON.stringify(request)], { env: withoutLeakCheck });
    assert.equal(code, 7);
    const worker = new Worker(undecided, { workerData: request });
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
    assertUntouched();
  });
});
