// An export that shows its plan and waits for an answer.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { exportVideo, planExport } from "@opencut/libav";
import { namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { run, withoutLeakCheck } from "./support/programs.js";

const base = { mediaBasePath: small.base };

/** A folder with a file where the output is to be. */
function placeIn(folder = temporaryFolder()) {
  const output = path.join(folder, "out.mp4");
  writeFileSync(output, "earlier");
  return { folder, output, isUntouched: () => readFileSync(output, "utf8") === "earlier" };
}

describe("onPlan", () => {
  test("receives once what planExport gives, before anything is written", async () => {
    const { folder, output, isUntouched } = placeIn();
    const plans = [];
    const onPlan = async (plan) => {
      plans.push(plan);
      await sleep(100);
      assert.ok(isUntouched());
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
    };
    const report = await exportVideo(shortEdit, { ...base, output, onPlan });
    assert.deepEqual(plans, [await planExport(shortEdit, { ...base, output })]);
    assert.deepEqual(report.runs, plans[0].runs);
  });

  test("may name another output: that alone is written, and reported", async () => {
    const { folder, output, isUntouched } = placeIn();
    const other = path.join(folder, "other.mp4");
    const report = await exportVideo(shortEdit, { ...base, output, onPlan: () => ({ output: other }) });
    assert.equal(report.output.path, other);
    assert.ok(isUntouched());
    const plain = path.join(folder, "plain.mp4");
    await exportVideo(shortEdit, { ...base, output: plain });
    assert.ok(readFileSync(other).equals(readFileSync(plain)));
  });

  test("is waited for as long as it takes, which does not count as time of the export", async () => {
    const { output } = placeIn();
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
      const { folder, output, isUntouched } = placeIn();
      const options = { ...base, output, allowedRoots: [small.base, folder], onPlan };
      await assert.rejects(exportVideo(shortEdit, options), expected);
      assert.ok(isUntouched());
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
    });
  }

  test("that never answers is given up at an abort", async () => {
    const { output, isUntouched } = placeIn();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onPlan = () => {
      setTimeout(() => controller.abort(reason), 50);
      return new Promise(() => {});
    };
    const done = exportVideo(shortEdit, { ...base, output, signal: controller.signal, onPlan });
    await assert.rejects(done, (error) => error === reason);
    assert.ok(isUntouched());
  });

  test("that never answers keeps neither a worker nor a process", async () => {
    const { folder, output, isUntouched } = placeIn();
    const program = (ending) => `
      import { exportVideo } from "@opencut/libav";
      const options = ${JSON.stringify({ ...base, output })};
      const onPlan = () => { ${ending} return new Promise(() => {}); };
      await exportVideo(${JSON.stringify(shortEdit)}, { ...options, onPlan });`;
    const { code } = await run(program("setTimeout(() => process.exit(7), 50);"), { env: withoutLeakCheck });
    assert.equal(code, 7);
    const file = path.join(folder, "worker.mjs");
    const addressed = import.meta.resolve("@opencut/libav");
    writeFileSync(
      file,
      program(`parentPort.postMessage("waits");`)
        .replace('"@opencut/libav"', JSON.stringify(addressed))
        .replace("import", 'import { parentPort } from "node:worker_threads";\nimport'),
    );
    const worker = new Worker(file);
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
    assert.ok(isUntouched());
  });
});
