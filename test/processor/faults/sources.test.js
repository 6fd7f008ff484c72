// What happens when sources are spoilt, or crash the library. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { renameSync, rmSync, truncateSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../../binding/support/footage.js";
import { holding } from "../../binding/support/programs.js";
import { makeBase } from "../support/bases.js";
import { assertCompleted, overOf } from "../support/checks.js";
import { memoryLimit } from "../support/memory_limit.js";
import { isRendering, long, short, slowly } from "../support/mid_render.js";
import { startProcessor } from "../support/processors.js";
import { watchJob } from "../support/witness.js";

describe("a source", () => {
  const ways = {
    "removed in mid-render": (file) => rmSync(file),
    "truncated in mid-render": (file) => truncateSync(file, 4096),
  };
  for (const [name, spoil] of Object.entries(ways)) {
    test(`${name}: the job ends whole or failed, and others go on`, async () => {
      const base = makeBase(temporaryFolder(), { copies: true });
      const processor = startProcessor(base, [...slowly, "--max-attempts", "2"]);
      const witness = watchJob(base, "a");
      const config = long(base, "a");
      base.submit("a", config);
      await isRendering(base, "a");
      spoil(path.join(base.folder, "sources", config.sources[0].filePath));
      const status = await overOf(base, "a");
      assert.deepEqual(witness.end(), []);
      if (status.status === "failed") {
        assert.ok(["ERR_PROBE", "ERR_EXEC", "ERR_VERIFY"].includes(status.code), JSON.stringify(status));
        assert.deepEqual(base.namesIn("a"), ["config.json", "status.json"]);
      } else {
        // An open file stays whole after its name is gone.
        assert.ok(name.startsWith("removed"), JSON.stringify(status));
        assert.deepEqual(base.namesIn("a"), ["config.json", "output.mp4", "status.json"]);
      }
      base.submit("b", short(base, "b"));
      assert.equal((await overOf(base, "b")).status, "completed");
      await processor.stop();
    });
  }
});

/**
 * A processor with a job whose only source does something as it is opened, beside good ones, which must all be done.
 * @param {Parameters<typeof holding>[0]} held
 * @param {{ wrap?: string[], goodOnes: number }} options
 * @returns {Promise<{ status: object, attempts: object[] }>} How the job with that source ended.
 */
async function besideGoodOnes(held, { wrap, goodOnes }) {
  const base = makeBase(temporaryFolder(), { copies: true });
  renameSync(path.join(base.folder, "sources", "3-cam1.mp4"), path.join(base.folder, "sources", held.on));
  const { env } = holding(held);
  const processor = startProcessor(base, ["--concurrency", "2"], { env, wrap });
  const bad = long(base, "bad", 1);
  base.submit("bad", { ...bad, sources: [{ ...bad.sources[0], filePath: held.on }] });
  const ids = Array.from({ length: goodOnes }, (_, i) => `good-${i}`);
  for (const id of ids) base.submit(id, short(base, id));
  for (const id of ids) await assertCompleted(base, id, short(base, id));
  const status = await overOf(base, "bad");
  const attempts = processor.said("attempt failed", "bad");
  await processor.stop();
  return { status, attempts };
}

describe("a source that takes all memory", () => {
  const limit = memoryLimit(1024);

  test("ends its own job, tried once more alone, and the others are done", { skip: !limit && "no memory cgroup" }, async () => {
    const eating = { call: "open", on: "eater.mp4", eating: true };
    const { status, attempts } = await besideGoodOnes(eating, { wrap: limit, goodOnes: 6 });
    assert.deepEqual([status.status, status.code], ["failed", "ERR_CRASHED"]);
    assert.match(status.error, /eater\.mp4; the system probably ran out of memory/);
    assert.deepEqual(attempts.map(({ alone }) => alone ?? "for good"), [true, "for good"]);
  });
});

describe("a source that crashes the library", () => {
  test("fails its own job, and ten good ones beside it are done", async () => {
    const crashing = { call: "open", on: "crash.mp4", signal: os.constants.signals.SIGSEGV };
    const { status, attempts } = await besideGoodOnes(crashing, { goodOnes: 10 });
    assert.deepEqual([status.status, status.code], ["failed", "ERR_CRASHED"]);
    assert.match(status.error, /SIGSEGV.*crash\.mp4/);
    assert.equal(attempts.length, 3);
  });
});
