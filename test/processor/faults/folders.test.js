// What happens when jobs' folders go and come, and when the clock is set. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { existsSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../../binding/support/footage.js";
import { assertCompleted, assertNothingLeft } from "../support/checks.js";
import { assertPublishedOnce, inMidRender, leaseMs, long, short, showRecovery, slowly } from "../support/mid_render.js";
import { startProcessor } from "../support/processors.js";
import { steppedClock } from "../support/stepped_clock.js";

describe("a job's folder", () => {
  test("removed in mid-render stays away", async () => {
    const { base, processor } = await inMidRender();
    rmSync(base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 });
    await processor.says("job cancelled", "a");
    await assertNothingLeft(base, "a");
    await processor.stop();
    assert.ok(!existsSync(base.jobFolder("a")));
  });

  test("removed and submitted anew, again and again, in mid-render: the last one is done, once", async () => {
    const run = await inMidRender();
    const other = startProcessor(run.base, slowly);
    await other.started();
    for (let i = 0; i < 5; i++) {
      rmSync(run.base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 });
      run.base.submit("a", long(run.base, "a", 1 + i));
      await sleep(137 * i);
    }
    await assertCompleted(run.base, "a", long(run.base, "a", 5), { mode: "reencode" });
    await Promise.all([run.processor.stop(), other.stop()]);
    assert.deepEqual(run.base.statusOf("a").status, "completed");
  });

  test("whose job was an owner's that died is a new one's at once, not after the lease", async () => {
    const { base, processor } = await inMidRender(["--lease", "60000"]);
    processor.child.kill("SIGKILL");
    await processor.exit();
    renameSync(base.jobFolder("a"), path.join(temporaryFolder(), "a"));
    const config = short(base, "a");
    base.submit("a", config);
    const next = startProcessor(base, ["--lease", "60000"]);
    await assertCompleted(base, "a", config);
    await next.stop();
  });
});

describe("the wall clock", () => {
  for (const [name, seconds] of Object.entries({ "a day on": 86_400, "a day back": -86_400 })) {
    test(`stepped ${name} in mid-render: nobody is taken for dead, nothing is done twice`, async () => {
      const { env, step } = steppedClock();
      const run = await inMidRender(["--keep-age", "36000000", "--grace", "60000"], { env });
      const other = startProcessor(run.base, slowly, { env });
      await other.started();
      step(seconds);
      await assertPublishedOnce(run, [run.processor, other]);
      for (const each of [run.processor, other]) {
        assert.equal(each.said("owner shows no sign of life").length, 0);
        assert.equal(each.said("job removed").length, 0);
      }
      const stamps = run.processor.lines().map(({ time }) => time);
      assert.ok(Math.abs(stamps.at(-1) - stamps[0]) > 80_000_000, "the clock was not set");
      await Promise.all([run.processor.stop(), other.stop()]);
    });
  }

  test("stepped a day back: an owner that dies then is noticed as ever", async () => {
    const { env, step } = steppedClock();
    const run = await inMidRender([], { env });
    const other = startProcessor(run.base, slowly, { env });
    await other.started();
    // It has seen the other alive.
    await sleep(leaseMs / 2);
    step(-86_400);
    run.processor.child.kill("SIGKILL");
    const killedMs = performance.now();
    await other.says("job claimed", "a");
    const tookMs = showRecovery("kill -9 of one of two, the clock set back, until the other has the job", killedMs);
    assert.ok(tookMs > leaseMs / 2, "taken from one that might have lived");
    await assertPublishedOnce(run, [run.processor, other]);
    await other.stop();
  });
});
