// Jobs in children: they end as they would in this process, whatever becomes of the child.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { exportVideo, isMediaError, planExport } from "@opencut/libav";
import { createPool } from "../../lib/children/pool.js";
import { large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { recordLog } from "./support/log.js";

const isolations = ["process", "none"];
const outputIn = (folder) => path.join(folder, "out.mp4");

/** A pool that is closed when the test ends, and what it logs. */
function poolFor(t, options) {
  const log = recordLog();
  const pool = createPool({ size: 1, ...options, log });
  t.after(() => pool.close());
  return { pool, ...log };
}

/** Starts an export that takes long; `begun` resolves when it has written something. */
function startLong(pool, options) {
  let begin;
  const begun = new Promise((resolve) => (begin = resolve));
  const onProgress = (progress) => progress.bytesWritten > 0 && begin(progress);
  const done = pool.render(longEdit(100), { mediaBasePath: large.base, onProgress, ...options });
  const either = Promise.race([begun, done]);
  either.catch(() => {});
  return { begun: either, done };
}

for (const isolation of isolations) {
  describe(`a job in isolation "${isolation}"`, () => {
    test("gives what planExport and exportVideo give", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const [here, there] = [temporaryFolder(), temporaryFolder()];
      const seen = [];
      const options = { mediaBasePath: small.base };
      const plan = await pool.plan(small.config, { ...options, output: outputIn(here) });
      assert.deepEqual(plan, await planExport(small.config, { ...options, output: outputIn(here) }));
      const onProgress = (progress) => seen.push(progress);
      const report = await pool.render(small.config, { ...options, output: outputIn(here), onProgress });
      const expected = await exportVideo(small.config, { ...options, output: outputIn(there) });
      assert.equal(report.output.path, outputIn(here));
      assert.deepEqual(report.steps, expected.steps);
      assert.ok(readFileSync(outputIn(here)).equals(readFileSync(outputIn(there))));
      const progress = seen.map((one) => one.progress);
      assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
      assert.equal(progress.filter((one) => one === 1).length, 1);
      assert.equal(seen.at(-1).segments, small.config.segments.length);
    });

    test("shows its plan, waits, and writes where it is told to", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const folder = temporaryFolder();
      const other = path.join(folder, "other.mp4");
      const plans = [];
      const onPlan = async (plan) => {
        plans.push(plan);
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.deepEqual(namesIn(folder), []);
        return { output: other };
      };
      const options = { mediaBasePath: small.base, output: outputIn(folder) };
      const report = await pool.render(shortEdit, { ...options, onPlan });
      assert.deepEqual(plans, [await planExport(shortEdit, options)]);
      assert.equal(report.output.path, other);
      assert.deepEqual(namesIn(folder), ["other.mp4"]);
      const oops = new Error("oops");
      const refusing = { ...options, onPlan: () => Promise.reject(oops) };
      await assert.rejects(pool.render(shortEdit, refusing), (error) => error === oops);
      const answering = { ...options, onPlan: () => ({ output: 5 }) };
      await assert.rejects(pool.render(shortEdit, answering), TypeError);
    });

    test("hands on what libav logs", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const lines = [];
      const config = { ...shortEdit, output: { ...shortEdit.output, codec: "h264" } };
      await pool.render(config, {
        mediaBasePath: small.base,
        output: outputIn(temporaryFolder()),
        onLog: (line) => lines.push(line),
      });
      assert.ok(lines.some(({ component }) => component === "libx264"), JSON.stringify(lines));
      for (const { level, dropped } of lines) assert.deepEqual([typeof level, dropped], ["string", 0]);
    });

    test("fails with the same MediaError", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const file = path.join(temporaryFolder(), "missing.mp4");
      const config = { ...shortEdit, sources: [{ id: "x", name: "x", filePath: file }] };
      const expected = await planExport(config).catch((error) => error);
      for (const begin of [pool.plan, pool.render]) {
        const error = await begin(config, { output: outputIn(temporaryFolder()) }).catch((failure) => failure);
        assert.ok(isMediaError(error));
        assert.deepEqual(error.toJSON(), expected.toJSON());
      }
    });

    test("refuses arguments as they do, before it is its turn", async (t) => {
      const { pool, lines } = poolFor(t, { isolation });
      await assert.rejects(pool.render("config"), TypeError);
      await assert.rejects(pool.render(shortEdit, { output: 1 }), TypeError);
      const nan = { ...shortEdit, segments: [{ sourceIndex: 0, startTime: NaN, endTime: 1 }] };
      await assert.rejects(pool.plan(nan), { code: "ERR_BAD_ARGS" });
      assert.deepEqual(lines, []);
    });

    test("is cancelled by its signal, and leaves nothing", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const folder = temporaryFolder();
      const controller = new AbortController();
      const reason = new Error("enough");
      const { begun, done } = startLong(pool, { output: outputIn(folder), signal: controller.signal });
      await begun;
      controller.abort(reason);
      const abortedAt = performance.now();
      await assert.rejects(done, (error) => error === reason);
      // Far more than it takes on an idle machine, so that a busy one does not fail.
      assert.ok(performance.now() - abortedAt < 2000);
      assert.deepEqual(namesIn(folder), []);
      await pool.render(shortEdit, { mediaBasePath: small.base, output: outputIn(folder) });
    });

    test("with a signal that is aborted already does not begin", async (t) => {
      const { pool, lines } = poolFor(t, { isolation });
      const signal = AbortSignal.abort("why");
      await assert.rejects(pool.render(shortEdit, { signal }), (reason) => reason === "why");
      assert.deepEqual(lines, []);
    });

    test("is cancelled by a callback that throws, and rejects with what it threw", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const folder = temporaryFolder();
      const thrown = new Error("no more");
      const { done } = startLong(pool, {
        output: outputIn(folder),
        onProgress() {
          throw thrown;
        },
      });
      await assert.rejects(done, (error) => error === thrown);
      assert.deepEqual(namesIn(folder), []);
    });

    test("waits for its turn, which a cancelled one gives up", async (t) => {
      const { pool } = poolFor(t, { isolation });
      const folder = temporaryFolder();
      const [first, second] = [new AbortController(), new AbortController()];
      const { begun, done } = startLong(pool, { output: outputIn(folder), signal: first.signal });
      const ends = [];
      const note = (name) => [() => ends.push(name), () => ends.push(`${name} cancelled`)];
      const options = { mediaBasePath: small.base, output: path.join(folder, "short.mp4") };
      const waiting = pool.render(shortEdit, { ...options, signal: second.signal }).then(...note("second"));
      const last = pool.render(shortEdit, options).then(...note("third"));
      const running = done.then(...note("first"));
      await begun;
      second.abort();
      await waiting;
      assert.deepEqual(ends, ["second cancelled"]);
      first.abort();
      await Promise.all([running, last]);
      assert.deepEqual(ends, ["second cancelled", "first cancelled", "third"]);
      assert.deepEqual(namesIn(folder), ["short.mp4"]);
    });

    test("is cancelled when the pool is closed, and later ones are refused", async (t) => {
      const { pool, children } = poolFor(t, { isolation });
      const folder = temporaryFolder();
      const { begun, done } = startLong(pool, { output: outputIn(folder) });
      const waiting = pool.plan(shortEdit, { mediaBasePath: small.base });
      waiting.catch(() => {});
      await begun;
      await pool.close();
      for (const end of [done, waiting, pool.plan(shortEdit)]) await assert.rejects(end, { name: "AbortError" });
      assert.deepEqual(namesIn(folder), []);
      for (const pid of children()) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
      await pool.close();
    });
  });
}

describe("a child that ends in mid-job", () => {
  for (const signal of ["SIGSEGV", "SIGABRT", "SIGILL", "SIGBUS", "SIGFPE", "SIGKILL"]) {
    test(`by ${signal} is ERR_CRASHED, and the next job has another child`, async (t) => {
      const { pool, children } = poolFor(t);
      const folder = temporaryFolder();
      const { begun, done } = startLong(pool, { output: outputIn(folder) });
      await begun;
      process.kill(children().at(-1), signal);
      await assert.rejects(done, (error) => {
        assert.ok(isMediaError(error));
        assert.deepEqual([error.code, error.retryable, error.context.signal], ["ERR_CRASHED", true, signal]);
        if (signal === "SIGKILL") assert.match(error.message, /out of memory/);
        return true;
      });
      const [left] = namesIn(folder);
      assert.match(left, /^\.out\.mp4\..+\.part$/);
      await pool.render(shortEdit, { mediaBasePath: small.base, output: outputIn(folder) });
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
      assert.equal(children().length, 2);
    });
  }

  test("by its own exit is ERR_CRASHED with the status and the end of stderr", async (t) => {
    const module = path.join(temporaryFolder(), "exit.mjs");
    writeFileSync(
      module,
      `process.on("message", () => process.stderr.write("x".repeat(9000) + "the end", () => process.exit(7)));`,
    );
    const { pool } = poolFor(t, { execArgv: ["--import", module] });
    await assert.rejects(pool.plan(longEdit(100), { mediaBasePath: large.base }), (error) => {
      assert.deepEqual([error.code, error.context.exitCode], ["ERR_CRASHED", 7]);
      assert.equal(error.context.stderr.length, 4096);
      assert.ok(error.context.stderr.endsWith("xthe end"));
      return true;
    });
  });

  test("while it is being cancelled rejects with the signal's reason", async (t) => {
    const { pool, children } = poolFor(t);
    const controller = new AbortController();
    const { begun, done } = startLong(pool, {
      output: outputIn(temporaryFolder()),
      signal: controller.signal,
    });
    await begun;
    process.kill(children().at(-1), "SIGKILL");
    controller.abort("why");
    await assert.rejects(done, (reason) => reason === "why");
  });

  test("while others work does not touch them", async (t) => {
    const { pool, children } = poolFor(t, { size: 2 });
    const folder = temporaryFolder();
    const bad = startLong(pool, { output: outputIn(folder) });
    await bad.begun;
    const [pid] = children();
    const good = pool.render(small.config, { mediaBasePath: small.base, output: path.join(folder, "good.mp4") });
    process.kill(pid, "SIGSEGV");
    await assert.rejects(bad.done, { code: "ERR_CRASHED" });
    await good;
    for (const name of namesIn(folder).filter((one) => one.startsWith("."))) rmSync(path.join(folder, name));
    assert.deepEqual(namesIn(folder), ["good.mp4"]);
  });

  test("while it is idle is not noticed by the next job", async (t) => {
    const { pool, children, until } = poolFor(t);
    const options = { mediaBasePath: small.base };
    await pool.plan(shortEdit, options);
    process.kill(children()[0], "SIGSEGV");
    await until(({ message }) => message === "child ended");
    await pool.plan(shortEdit, options);
    assert.equal(children().length, 2);
  });
});

describe("a child that cannot be started", () => {
  /** The failure of a plan while TMPDIR is a folder that is not there. */
  async function failureWithoutFolder(pool) {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = path.join(temporaryFolder(), "missing");
    try {
      return await pool.plan(shortEdit, { mediaBasePath: small.base }).catch((error) => error);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  }

  test("is ERR_CRASHED, and the next job tries again", async (t) => {
    const { pool } = poolFor(t);
    const error = await failureWithoutFolder(pool);
    assert.ok(isMediaError(error), error);
    assert.deepEqual([error.code, error.retryable], ["ERR_CRASHED", true]);
    assert.match(error.context.system, /ENOENT/);
    await pool.plan(shortEdit, { mediaBasePath: small.base });
  });

  test("by a runtime that ends at once is ERR_CRASHED with what it said", async (t) => {
    const { pool } = poolFor(t, { execArgv: ["--import", path.join(temporaryFolder(), "missing.mjs")] });
    const error = await pool.plan(shortEdit, { mediaBasePath: small.base }).catch((failure) => failure);
    assert.deepEqual([error.code, error.context.exitCode], ["ERR_CRASHED", 1]);
    assert.match(error.context.stderr, /missing\.mjs/);
  });
});

describe("a child that does not answer", () => {
  test("when the pool is closed is killed", async (t) => {
    const { pool, children, lines } = poolFor(t);
    await pool.plan(shortEdit, { mediaBasePath: small.base });
    process.kill(children()[0], "SIGSTOP");
    await pool.close();
    assert.deepEqual(lines.at(-1).fields, { pid: children()[0], code: null, signal: "SIGKILL" });
  });

  test("a cancellation is killed", async (t) => {
    const { pool, children, until } = poolFor(t);
    const controller = new AbortController();
    const { begun, done } = startLong(pool, { output: outputIn(temporaryFolder()), signal: controller.signal });
    await begun;
    process.kill(children()[0], "SIGSTOP");
    controller.abort("why");
    await assert.rejects(done, (reason) => reason === "why");
    const { fields } = await until(({ message }) => message === "child ended");
    assert.deepEqual(fields, { pid: children()[0], code: null, signal: "SIGKILL" });
  });
});
