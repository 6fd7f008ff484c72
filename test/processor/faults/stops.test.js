// What happens when processors are stopped: for a while, and for good. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
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
  short,
  showRecovery,
  slowly,
} from "../support/mid_render.js";
import { publications, startProcessor, until } from "../support/processors.js";
import { watchJob } from "../support/witness.js";

describe("SIGSTOP", () => {
  const lengths = process.env.OPENCUT_LONG_FAULTS ? [[60_000, 30_000]] : [[3 * leaseMs, leaseMs]];
  for (const [stoppedMs, lease] of lengths) {
    test(`of an owner for ${stoppedMs} ms, then SIGCONT: what it wakes to is not its own, and it overwrites nothing`, async () => {
      const run = await inMidRender(["--lease", String(lease)]);
      const children = childrenOf(run.processor.pid);
      for (const pid of [run.processor.pid, ...children]) process.kill(pid, "SIGSTOP");
      const stoppedAtMs = performance.now();
      const other = startProcessor(run.base, [...slowly, "--lease", String(lease)]);
      await other.says("job claimed", "a");
      showRecovery(`SIGSTOP of an owner, until another has the job (lease ${lease} ms)`, stoppedAtMs);
      await sleep(Math.max(0, stoppedMs - (performance.now() - stoppedAtMs)));
      for (const pid of [run.processor.pid, ...children]) process.kill(pid, "SIGCONT");
      await run.processor.says("job lost", "a");
      await assertPublishedOnce(run, [run.processor, other]);
      assert.equal(publications([other], "a"), 1);
      // It is of use again.
      await other.stop();
      run.base.submit("b", short(run.base, "b"));
      assert.equal((await overOf(run.base, "b")).status, "completed");
      await run.processor.stop();
    });
  }

  test("of an owner with its file whole and not yet published: it wakes too late", async () => {
    const base = makeBase();
    const { env, reached, release } = holding({ call: "rename", on: ".opencut-" });
    const config = short(base, "a");
    const first = startProcessor(base, ["--isolation", "none"], { env });
    const witness = watchJob(base, "a");
    base.submit("a", config);
    await reached();
    first.child.kill("SIGSTOP");
    const other = startProcessor(base);
    await assertCompleted(base, "a", config);
    release();
    first.child.kill("SIGCONT");
    await until(() => first.said("job lost", "a").length + first.said("job completed", "a").length > 0, "it has woken");
    await assertCompleted(base, "a", config);
    assert.deepEqual(witness.end(), []);
    assert.equal(publications([first, other], "a"), 1);
    await Promise.all([first.stop(), other.stop()]);
  });
});

describe("SIGTERM", () => {
  test("in mid-job lets it end, and takes no other", async () => {
    const run = await inMidRender();
    run.processor.child.kill("SIGTERM");
    await run.processor.says("processor stops");
    run.base.submit("late", short(run.base, "late"));
    const { code } = await run.processor.exit();
    assert.equal(code, 0);
    await assertPublishedOnce(run, [run.processor]);
    assert.equal(run.base.statusOf("late").status, "pending");
  });

  const ways = { "that takes longer than it may": ["--drain-timeout", "300"], "followed by another": [] };
  for (const [name, args] of Object.entries(ways)) {
    test(`${name} hands the job back, and the next processor does it`, async () => {
      const run = await inMidRender(args);
      const killedMs = performance.now();
      run.processor.child.kill("SIGTERM");
      if (args.length === 0) {
        await run.processor.says("processor stops");
        run.processor.child.kill("SIGTERM");
      }
      assert.equal((await run.processor.exit()).code, 0);
      const tookMs = showRecovery("SIGTERM, until the job is handed back", killedMs);
      assert.ok(tookMs < 5000, `${tookMs} ms`);
      assert.equal(run.base.statusOf("a").status, "pending");
      assert.deepEqual(run.base.namesIn("a"), ["config.json", "status.json"]);
      const next = startProcessor(run.base, slowly);
      const startedMs = performance.now();
      await next.says("job claimed", "a");
      showRecovery("a job that was handed back, until the next has it", startedMs);
      await assertPublishedOnce(run, [run.processor, next]);
      await next.stop();
    });
  }
});
