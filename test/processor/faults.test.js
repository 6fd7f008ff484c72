// What may befall processors, their children and their disks. For each: no job is lost, none is published twice, and
// what lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { makeReadOnly, smallDisk } from "../binding/support/disks.js";
import { large, longEdit, shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { holding } from "../binding/support/programs.js";
import { makeBase } from "./support/bases.js";
import { assertCompleted, assertNothingLeft, overOf } from "./support/checks.js";
import { publications, startProcessor, until } from "./support/processors.js";
import { steppedClock } from "./support/stepped_clock.js";
import { watchJob } from "./support/witness.js";

const leaseMs = 2000; // What processors of tests are started with.
const slowly = ["--mode", "reencode", "--preset", "superfast"];
const short = (base, id) => base.configOf(small, id, shortEdit.segments);
const long = (base, id, segments = 8) => base.configOf(large, id, longEdit(segments).segments);
const noMount = smallDisk(1) === null && "may not mount a disk of its own";

const isRendering = (base, id) => until(() => base.statusOf(id).progress > 0, `${id} is being rendered`);

/** The processes that a processor renders in. @param {number} pid */
function childrenOf(pid) {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return text.trim().split(/\s+/).map(Number);
}

/** @param {string} what @param {number} sinceMs */
function showRecovery(what, sinceMs) {
  const tookMs = Math.round(performance.now() - sinceMs);
  if (process.env.OPENCUT_SHOW_FIGURES) console.log(`${what}: ${tookMs} ms`);
  return tookMs;
}

/**
 * Submits a job that takes its time to a new base, and waits until it is being rendered.
 * @param {string[]} [args] Of the processor.
 * @param {Parameters<typeof startProcessor>[2]} [options]
 */
async function inMidRender(args = [], options = {}) {
  const base = makeBase();
  const config = long(base, "a");
  const processor = startProcessor(base, [...slowly, ...args], options);
  await processor.started();
  const witness = watchJob(base, "a");
  base.submit("a", config);
  await isRendering(base, "a");
  return { base, config, processor, witness };
}

/** @param {Awaited<ReturnType<typeof inMidRender>>} run @param {import("./support/processors.js").Processor[]} processors */
async function assertPublishedOnce({ base, config, witness }, processors) {
  await assertCompleted(base, "a", config, { mode: "reencode" });
  assert.deepEqual(witness.end(), []);
  assert.equal(publications(processors, "a"), 1);
}

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

describe("a disk", () => {
  /** A small base that is full but for `freeBytes`. */
  function fullBase(mebibytes) {
    const base = makeBase(smallDisk(mebibytes), { copies: true });
    const filler = path.join(base.folder, "filler");
    const fill = () => {
      const file = openSync(filler, "w");
      try {
        for (let size = 1 << 16; size >= 1; size = size >> 1) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    };
    return { base, fill, free: () => rmSync(filler) };
  }

  test(
    "that is full: the job waits and fails, or is done when there is room; the service lives",
    { skip: noMount },
    async () => {
      const { base, fill, free } = fullBase(48);
      const processor = startProcessor(base);
      await processor.started();
      const config = base.configOf(small, "a");
      const witness = watchJob(base, "a");
      base.submit("a", config);
      await processor.says("job claimed", "a");
      fill();
      await until(
        () => processor.said("attempt failed", "a").length > 0 || base.statusOf("a").status === "completed",
        "it is tried",
      );
      free();
      const freedMs = performance.now();
      const status = await overOf(base, "a");
      showRecovery("a full disk that has room again, until the job is over", freedMs);
      assert.ok(["completed", "failed"].includes(status.status));
      if (status.status === "failed") assert.equal(status.code, "ERR_FS");
      assert.deepEqual(witness.end(), []);
      base.submit("b", short(base, "b"));
      await assertCompleted(base, "b", short(base, "b"));
      await processor.stop();
    },
  );

  test("that stays full: the job fails with ERR_FS once that can be written", { skip: noMount }, async () => {
    const { base, fill, free } = fullBase(48);
    base.submit("a", base.configOf(small, "a"));
    fill();
    const processor = startProcessor(base, ["--max-attempts", "2"]);
    await until(() => processor.output.stderr.includes("ENOSPC"), "it meets the full disk");
    assert.equal(base.statusOf("a").status, "pending");
    free();
    await assertCompleted(base, "a", base.configOf(small, "a"));
    await processor.stop();
  });

  test("that cannot be written is refused at the start", { skip: noMount }, async () => {
    const base = makeBase(smallDisk(16), { copies: true });
    makeReadOnly(base.folder);
    const { code, stderr } = await startProcessor(base).exit();
    assert.equal(code, 5);
    assert.match(stderr, /EROFS.*ERR_FS/);
  });

  test("on which files cannot be renamed is refused at the start", async () => {
    const { env } = holding({ call: "rename", on: "staging", errno: 95 });
    const { code, stderr } = await startProcessor(makeBase(), [], { env }).exit();
    assert.equal(code, 5);
    assert.match(stderr, /ERR_FS/);
  });
});

/** @param {number} file @param {Buffer} bytes */
function writeUntilFull(file, bytes) {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (error.code !== "ENOSPC") throw error;
  }
}

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

describe("a source that crashes the library", () => {
  test("fails its own job, and ten good ones beside it are done", async () => {
    const base = makeBase(temporaryFolder(), { copies: true });
    renameSync(path.join(base.folder, "sources", "3-cam1.mp4"), path.join(base.folder, "sources", "crash.mp4"));
    const { env } = holding({ call: "open", on: "crash.mp4", signal: os.constants.signals.SIGSEGV });
    const processor = startProcessor(base, ["--concurrency", "2"], { env });
    const bad = long(base, "bad", 1);
    base.submit("bad", { ...bad, sources: [{ ...bad.sources[0], filePath: "crash.mp4" }] });
    const ids = Array.from({ length: 10 }, (_, i) => `good-${i}`);
    for (const id of ids) base.submit(id, short(base, id));
    for (const id of ids) await assertCompleted(base, id, short(base, id));
    const status = await overOf(base, "bad");
    assert.deepEqual([status.status, status.code], ["failed", "ERR_CRASHED"]);
    assert.match(status.error, /SIGSEGV.*crash\.mp4/);
    assert.equal(processor.said("attempt failed", "bad").length, 3);
    await processor.stop();
  });
});

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
      run.base.submit("a", long(run.base, "a", 3 + i));
      await sleep(137 * i);
    }
    await assertCompleted(run.base, "a", long(run.base, "a", 7), { mode: "reencode" });
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
});

describe("a hundred jobs and three processors", () => {
  test("each is done, once, whatever happens to the processors", async () => {
    const base = makeBase();
    const ids = Array.from({ length: 100 }, (_, i) => `job-${i}`);
    const started = [1, 2, 3].map(() => startProcessor(base, ["--concurrency", "2"]));
    const processors = [...started];
    await Promise.all(started.map((each) => each.started()));
    const witnesses = ids.map((id) => watchJob(base, id));
    const submittedMs = performance.now();
    for (const id of ids) base.submit(id, short(base, id));
    const count = () => ids.filter((id) => base.statusOf(id).status === "completed").length;
    // One is killed and replaced, one stopped until another has taken its jobs.
    await until(() => count() >= 20, "some are done");
    started[0].child.kill("SIGKILL");
    processors.push(startProcessor(base, ["--concurrency", "2"]));
    await until(() => count() >= 40, "more are done");
    started[1].child.kill("SIGSTOP");
    await until(() => count() >= 95, "nearly all are done");
    started[1].child.kill("SIGCONT");
    await until(() => count() === 100, "all are done");
    showRecovery("100 jobs by 3 processors, one killed and one stopped on the way", submittedMs);
    for (const witness of witnesses) assert.deepEqual(witness.end(), []);
    for (const id of ids) {
      // Of the one that was killed the log may lack its last line.
      assert.ok(publications(processors, id) <= 1, id);
      assert.deepEqual(base.namesIn(id), ["config.json", "output.mp4", "status.json"]);
    }
    for (const id of [ids[0], ids[50], ids[99]]) await assertCompleted(base, id, short(base, id));
    await Promise.all(processors.slice(1).map((each) => each.stop()));
    const sizes = new Set(ids.map((id) => readFileSync(base.output(id)).length));
    assert.equal(sizes.size, 1);
    assert.deepEqual(readdirSync(path.join(base.folder, ".opencut", "staging")), []);
  });
});
