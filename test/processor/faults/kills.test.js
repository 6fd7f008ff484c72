// What happens when children and processors are killed. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { holding } from "../../binding/support/programs.js";
import { makeBase } from "../support/bases.js";
import { assertCompleted, overOf } from "../support/checks.js";
import {
  assertPublishedOnce,
  childrenOf,
  inMidRender,
  leaseMs,
  long,
  short,
  showRecovery,
  slowly,
} from "../support/mid_render.js";
import { startProcessor, until } from "../support/processors.js";

describe("kill -9", () => {
  test("of the child that renders: the job is rendered again, alone", async () => {
    const run = await inMidRender();
    const killedMs = performance.now();
    for (const pid of childrenOf(run.processor.pid)) process.kill(pid, "SIGKILL");
    await until(() => run.processor.said("rendering begins").length === 2, "it is rendered again");
    showRecovery("kill -9 of the child, until it renders again", killedMs);
    assert.equal(run.processor.said("rendering begins")[1].alone, true);
    await assertPublishedOnce(run, [run.processor]);
    assert.equal(run.processor.said("attempt failed")[0].code, "ERR_CRASHED");
    await run.processor.stop();
  });

  test("of the child each time: the job fails, and says why", async () => {
    const { base, processor } = await inMidRender();
    for (const attempt of [1, 2]) {
      await until(() => processor.said("rendering begins").length === attempt, "it is rendered");
      await until(() => base.statusOf("a").progress > 0 || base.statusOf("a").status === "failed", "it goes on");
      for (const pid of childrenOf(processor.pid)) process.kill(pid, "SIGKILL");
      await until(() => processor.said("attempt failed").length === attempt, "it has failed");
    }
    const status = await overOf(base, "a");
    assert.deepEqual([status.status, status.code], ["failed", "ERR_CRASHED"]);
    assert.match(status.error, /memory/);
    assert.deepEqual(base.namesIn("a"), ["config.json", "status.json"]);
    base.submit("b", short(base, "b"));
    assert.equal((await overOf(base, "b")).status, "completed");
    await processor.stop();
  });

  test("of the processor: the one that is started next does the job, and no child is left", async () => {
    const run = await inMidRender();
    const children = childrenOf(run.processor.pid);
    const killedMs = performance.now();
    run.processor.child.kill("SIGKILL");
    await run.processor.exit();
    await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)), "its children are gone");
    const next = startProcessor(run.base, slowly);
    await next.says("job claimed", "a");
    showRecovery(`kill -9 of the processor, until the next has the job (lease ${leaseMs} ms)`, killedMs);
    await assertPublishedOnce(run, [run.processor, next]);
    await next.stop();
  });

  test("of one of two processors: the other takes the job over when the lease is over", async () => {
    const run = await inMidRender();
    const other = startProcessor(run.base, slowly);
    await other.started();
    // It has seen the other alive.
    await sleep(leaseMs / 2);
    assert.equal(other.said("job claimed").length, 0);
    const killedMs = performance.now();
    run.processor.child.kill("SIGKILL");
    await other.says("job claimed", "a");
    const tookMs = showRecovery(`kill -9 of one of two, until the other has the job (lease ${leaseMs} ms)`, killedMs);
    assert.ok(tookMs > leaseMs / 2, "taken from one that might have lived");
    await assertPublishedOnce(run, [run.processor, other]);
    await other.stop();
  });

  test("of a processor between its decision and the output's name: another gives the name, and renders nothing", async () => {
    const base = makeBase();
    // The first is the addon's, of its own part.
    const { env, reached } = holding({ call: "rename", on: ".opencut-", nth: 2 });
    const config = short(base, "a");
    const first = startProcessor(base, ["--isolation", "none"], { env });
    base.submit("a", config);
    await reached();
    first.child.kill("SIGKILL");
    await first.exit();
    assert.ok(!existsSync(base.output("a")));
    const other = startProcessor(base);
    await assertCompleted(base, "a", config);
    await other.stop();
    assert.equal(other.said("job settled for its owner").length, 1);
    assert.equal(other.said("rendering begins").length, 0);
  });

  test("of every owner in a row ends, and says so", async () => {
    const base = makeBase();
    base.submit("a", long(base, "a", 40));
    for (let i = 0; i < 5; i++) {
      const processor = startProcessor(base, [...slowly, "--lease", "300"]);
      await processor.says("rendering begins", "a");
      processor.child.kill("SIGKILL");
      await processor.exit();
    }
    const last = startProcessor(base, [...slowly, "--lease", "300"]);
    const status = await overOf(base, "a");
    assert.deepEqual([status.status, status.code], ["failed", "ERR_CRASHED"]);
    await last.stop();
  });
});
