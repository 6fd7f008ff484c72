// What a job tells while it runs, and what becomes of callbacks that fail.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exportVideo, planExport } from "@opencut/libav";
import { editOf, large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { run } from "./support/programs.js";

const phases = ["planning", "rendering", "finalizing", "verifying"];

/** Exports, and gives every progress with the time it came at. */
async function observe(config, options) {
  const seen = [];
  const output = path.join(temporaryFolder(), "out.mp4");
  const startedAt = performance.now();
  const onProgress = (progress) => seen.push({ ...progress, at: performance.now() - startedAt });
  const report = await exportVideo(config, { output, onProgress, ...options });
  const settledAt = performance.now() - startedAt;
  const count = seen.length;
  await sleep(150);
  assert.equal(seen.length, count, "nothing comes after the promise has settled");
  return { seen, report, settledAt };
}

function assertInOrder(seen, config) {
  const isNullOr = (holds) => (value) => value === null || (Number.isFinite(value) && holds(value));
  for (const [i, progress] of seen.entries()) {
    const before = seen[i - 1] ?? progress;
    const text = JSON.stringify(progress);
    assert.ok(progress.progress >= before.progress && progress.progress >= 0, text);
    assert.ok(phases.indexOf(progress.phase) >= phases.indexOf(before.phase), text);
    for (const count of ["framesCopied", "framesEncoded", "bytesWritten"]) {
      assert.ok(Number.isInteger(progress[count]) && progress[count] >= before[count], text);
    }
    assert.ok(isNullOr((speed) => speed > 0)(progress.speed), text);
    assert.ok(isNullOr((seconds) => seconds >= 0)(progress.etaSeconds), text);
    assert.ok(progress.time >= before.time && progress.time <= progress.duration + 1e-9, text);
    assert.ok(Number.isInteger(progress.segment) && progress.segment < config.segments.length, text);
    assert.equal(progress.segments, config.segments.length);
  }
  assert.deepEqual(
    seen.filter(({ progress }) => progress === 1),
    [seen.at(-1)],
  );
}

function assertAgrees({ phase, framesCopied, framesEncoded, time, duration, bytesWritten }, report) {
  assert.equal(phase, "verifying");
  assert.equal(framesCopied + framesEncoded, report.output.framesCopied + report.output.framesEncoded);
  assert.ok(Math.abs(duration - report.output.duration) < 1e-9);
  assert.equal(time, duration);
  assert.ok(bytesWritten >= report.output.bytes);
}

describe("progress", () => {
  for (const mode of ["copy", "hybrid", "reencode"]) {
    test(`never falls, and is 1 once, at the end, in mode ${mode}`, async () => {
      const { seen, report } = await observe(small.config, { mediaBasePath: small.base, mode });
      assertInOrder(seen, small.config);
      assertAgrees(seen.at(-1), report);
    });
  }

  test("comes at most ten times a second, in each phase that lasts", async () => {
    const config = longEdit(3);
    const { seen, report, settledAt } = await observe(config, {
      mediaBasePath: large.base,
      mode: "reencode",
      video: { preset: "ultrafast" },
      verify: "full",
    });
    assertInOrder(seen, config);
    assertAgrees(seen.at(-1), report);
    // The last one comes at once.
    assert.ok(seen.length <= settledAt / 100 + 2, `${seen.length} in ${settledAt} ms`);
    assert.ok(seen.length >= settledAt / 300, `${seen.length} in ${settledAt} ms`);
    assert.ok(seen.some(({ phase, speed }) => phase === "rendering" && speed > 0));
    assert.ok(seen.some(({ phase, progress }) => phase === "verifying" && progress < 1));
  });

  test("is given to a caller who listens late: one call with the latest, not one for each", async () => {
    let calls = 0;
    const output = path.join(temporaryFolder(), "out.mp4");
    const promise = exportVideo(small.config, { mediaBasePath: small.base, output, onProgress: () => calls++ });
    const pause = new Int32Array(new SharedArrayBuffer(4));
    // It has its name just before the last that is told.
    const until = performance.now() + 60_000;
    while (!existsSync(output) && performance.now() < until) Atomics.wait(pause, 0, 0, 20);
    Atomics.wait(pause, 0, 0, 500);
    await promise;
    assert.ok(calls === 1 || calls === 2, `${calls} calls`);
  });
});

describe("a callback that throws", () => {
  const oops = new Error("oops");
  const throwing = () => {
    throw oops;
  };

  for (const name of ["onProgress", "onLog"]) {
    test(`${name}: the job is cancelled and the promise rejects with what was thrown`, async () => {
      const folder = temporaryFolder();
      const options = { mediaBasePath: large.base, output: path.join(folder, "out.mp4"), mode: "reencode" };
      let calls = 0;
      const callback = () => {
        calls++;
        throwing();
      };
      await assert.rejects(exportVideo(longEdit(20), { ...options, [name]: callback }), (error) => error === oops);
      await sleep(150);
      assert.equal(calls, 1);
      assert.deepEqual(namesIn(folder), []);
    });
  }

  test("at the end: the promise rejects, the file is there", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const onProgress = ({ progress }) => progress === 1 && throwing();
    await assert.rejects(exportVideo(shortEdit, { mediaBasePath: small.base, output, onProgress }), oops);
    assert.ok(existsSync(output));
  });

  test("and aborts as well: the promise rejects with what was thrown", async () => {
    const controller = new AbortController();
    const onProgress = () => {
      controller.abort("late");
      throwing();
    };
    const output = path.join(temporaryFolder(), "out.mp4");
    const options = { mediaBasePath: large.base, output, signal: controller.signal, onProgress };
    await assert.rejects(exportVideo(longEdit(20), options), oops);
  });
});

describe("the log", () => {
  /** A copy of the first small camera with damaged pictures. */
  function damagedCamera() {
    const bytes = readFileSync(small.sources[0]);
    for (let i = 60_000; i < bytes.length - 60_000; i += 997) bytes[i] ^= 0x55;
    const file = path.join(temporaryFolder(), "damaged.mp4");
    writeFileSync(file, bytes);
    return file;
  }
  const wholeOf = (file) => ({
    ...editOf(small, [{ startTime: 0, endTime: 6 }]),
    sources: [{ id: "a", name: "A", filePath: file }],
  });
  const logged = async (config, options) => {
    const lines = [];
    const output = path.join(temporaryFolder(), "out.mp4");
    await exportVideo(config, { output, mode: "reencode", onLog: (line) => lines.push(line), ...options });
    return lines;
  };
  const isDecoderError = ({ component, level }) => component === "h264" && level === "error";

  test("of each of several jobs goes to its own listener", async () => {
    const damaged = damagedCamera();
    const all = await Promise.all(
      [damaged, small.sources[1], damaged, small.sources[2]].map((file, i) =>
        logged(wholeOf(file), { video: { crf: 20 + i } }),
      ),
    );
    for (const [i, lines] of all.entries()) {
      const own = lines.filter(({ unknownOrigin }) => !unknownOrigin);
      const settings = own.filter(({ message }) => message.includes(" crf="));
      assert.deepEqual(
        settings.map(({ message }) => /crf=(\d+)/.exec(message)[1]),
        [String(20 + i)],
      );
      assert.equal(own.some(isDecoderError), i % 2 === 0, `job ${i}`);
      for (const line of lines) {
        assert.match(line.level, /^(error|warning|info|verbose|debug)$/);
        assert.ok(!/[\n\r]$/.test(line.message) && Number.isInteger(line.dropped), JSON.stringify(line));
      }
    }
  });

  test("comes while the job runs", async () => {
    const controller = new AbortController();
    const onLog = ({ component }) => component === "libx264" && controller.abort("heard");
    const output = path.join(temporaryFolder(), "out.mp4");
    const options = { mediaBasePath: large.base, output, mode: "reencode", signal: controller.signal, onLog };
    await assert.rejects(exportVideo(longEdit(20), options), (reason) => reason === "heard");
  });

  test("of a plan comes as well, and nothing is ever written to stderr", async () => {
    const damaged = damagedCamera();
    await planExport(wholeOf(damaged), { onLog: () => {} });
    const options = { output: path.join(temporaryFolder(), "out.mp4"), mode: "reencode" };
    const request = { config: wholeOf(damaged), options };
    const program = fileURLToPath(new URL("support/plain_export.js", import.meta.url));
    const { code, stderr } = await run([program, JSON.stringify(request)]);
    assert.deepEqual([code, stderr], [0, ""]);
  });
});
