// Jobs and the life of processes and threads: many at once, many in a row, and ends in mid-export.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { exportVideo } from "@opencut/libav";
import { verifyExport } from "../support/verify/verify-export.mjs";
import { large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { holding, run, start, withoutLeakCheck } from "./support/programs.js";

const onBun = "bun" in process.versions;
const workerExport = fileURLToPath(new URL("support/worker_export.js", import.meta.url));
const slow = {
  config: longEdit(30),
  options: { mediaBasePath: large.base, mode: "reencode", video: { preset: "superfast" } },
};
const quick = { config: small.config, options: { mediaBasePath: small.base } };

const to = (request, output) => ({ ...request, options: { ...request.options, output } });

async function assertWhole(output) {
  const { findings } = await verifyExport({
    config: small.config,
    output,
    mediaBase: small.base,
    maxLagMs: 1,
    randomAccess: false,
  });
  assert.deepEqual(findings, []);
}

/** What is copied twice comes out alike, byte for byte, with what is encoded beside it. */
const assertSame = (one, other) => assert.ok(readFileSync(one).equals(readFileSync(other)), `${one}, ${other}`);

/** The first message of a worker that `wanted` picks from it. */
const fromWorker = (worker, wanted) =>
  new Promise((resolve, reject) => {
    worker.on("message", (message) => wanted(message) && resolve(wanted(message)));
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
  });

describe("several exports at once", () => {
  test("in one process are each whole", async () => {
    const folder = temporaryFolder();
    const outputs = Array.from({ length: 8 }, (_, i) => path.join(folder, `${i}.mp4`));
    const options = [{}, { mode: "copy" }, { mode: "reencode" }, { threads: 1 }];
    const reports = await Promise.all(
      outputs.map((output, i) => exportVideo(small.config, { ...quick.options, ...options[i % 4], output })),
    );
    reports.forEach((report, i) => assert.equal(report.output.bytes, statSync(outputs[i]).size));
    await Promise.all([assertWhole(outputs[0]), assertWhole(outputs[3])]);
    for (const i of [0, 1, 3]) assertSame(outputs[i + 4], outputs[i]);
  });

  test("in two worker threads and the main one are each whole", async () => {
    const folder = temporaryFolder();
    const outputs = ["a", "b", "main"].map((name) => path.join(folder, `${name}.mp4`));
    const workers = outputs.slice(0, 2).map((output) => new Worker(workerExport, { workerData: to(quick, output) }));
    const reports = await Promise.all([
      ...workers.map((worker) => fromWorker(worker, ({ report }) => report)),
      exportVideo(small.config, { ...quick.options, output: outputs[2] }),
    ]);
    reports.forEach((report, i) => assert.equal(report.output.bytes, statSync(outputs[i]).size));
    await Promise.all(outputs.map(assertWhole));
    for (const output of outputs.slice(1)) assertSame(output, outputs[0]);
  });
});

describe("many exports in a row", () => {
  // The first hundred fill the pools of allocator and runtime, whose levels go up and down by megabytes: a leak shows in
  // every hundred, they do not. OPENCUT_SOAK_ROUNDS=20 sees smaller leaks.
  const most = 50_000; // Bytes per export.
  const rounds = Number(process.env.OPENCUT_SOAK_ROUNDS ?? 0);
  const program = `
    import { exportVideo } from "@opencut/libav";
    const configs = ${JSON.stringify([shortEdit, small.config])};
    const modes = ["hybrid", "copy", "reencode"];
    async function exportOne(i) {
      const options = { mediaBasePath: ${JSON.stringify(small.base)}, output: process.argv[1], mode: modes[i % 3] };
      const config = { ...configs[0], segments: [{ ...configs[1].segments[i % 7], endTime: undefined }] };
      config.segments[0].endTime = config.segments[0].startTime + 0.3;
      await exportVideo(config, { ...options, onProgress() {}, onLog() {}, signal: new AbortController().signal });
      gc();
      return process.memoryUsage.rss();
    }
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // The slope of the line that fits a hundred exports best, bytes per export.
    async function slopeOfHundred() {
      const rss = [];
      for (let i = 0; i < 100; i++) rss.push(await exportOne(i));
      const [x, y] = [(rss.length - 1) / 2, mean(rss)];
      return mean(rss.map((value, i) => (i - x) * (value - y))) / mean(rss.map((_, i) => (i - x) ** 2));
    }
    await slopeOfHundred();
    const slopes = [];
    do slopes.push(await slopeOfHundred());
    while (slopes.length < ${rounds} || (slopes.length < 5 && Math.min(...slopes) > ${most}));
    console.log(JSON.stringify(slopes));`;

  const sanitized = Boolean(process.env.ASAN_OPTIONS);
  const skip = (sanitized && "a sanitizer keeps what is freed") || (onBun && "Bun has no gc()");
  test("need no more memory from one to the next", { skip }, async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const { stdout, stderr } = await run(["--input-type=module", "-e", program, output], { args: ["--expose-gc"] });
    const slopes = JSON.parse(stdout || `"${stderr}"`);
    if (process.env.OPENCUT_SHOW_FIGURES) console.log(`RSS, bytes per export, by hundreds: ${slopes.map(Math.round)}`);
    assert.ok(Math.min(...slopes) <= most, `${slopes} bytes per export`);
  });
});

describe("the end of a process in mid-export", () => {
  const atFirstRendering = (request, ending) => `
    import { exportVideo } from "@opencut/libav";
    const { config, options } = ${JSON.stringify(request)};
    const onProgress = ({ phase }) => { if (phase === "rendering") { ${ending} } };
    await exportVideo(config, { ...options, onProgress });`;
  const endings = {
    "process.exit()": ["process.exit(7);", 7],
    "an uncaught exception": ["setImmediate(() => { throw new Error('boom'); });", 1],
    "a rejection that nobody handles": ["Promise.reject(new Error('boom'));", 1],
  };
  for (const [name, [ending, expected]] of Object.entries(endings)) {
    const skip = onBun && expected === 1 && "Bun does not end at once";
    test(`by ${name} leaves nothing`, { skip }, async () => {
      const folder = temporaryFolder();
      const program = atFirstRendering(to(slow, path.join(folder, "out.mp4")), ending);
      const { code, signal } = await run(program, { env: withoutLeakCheck });
      assert.deepEqual([code, signal], [expected, null]);
      assert.deepEqual(namesIn(folder), []);
    });
  }

  test("by process.exit() while the system keeps the job: soon, and nothing is left", async () => {
    const folder = temporaryFolder();
    const { env, gate } = holding({ call: "fsync", on: ".part" });
    const request = to({ ...quick, config: shortEdit }, path.join(folder, "out.mp4"));
    const program = `
      import { existsSync } from "node:fs";
      import { exportVideo } from "@opencut/libav";
      const { config, options } = ${JSON.stringify(request)};
      exportVideo(config, options);
      while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 1));
      console.log(Date.now());
      process.exit(7);`;
    const { code, stdout } = await run(program, { env: { ...withoutLeakCheck, ...env } });
    assert.equal(code, 7);
    const tookMs = Date.now() - Number(stdout);
    assert.ok(tookMs < 5000, `${tookMs} ms`);
    assert.deepEqual(namesIn(folder), []);
  });

  test("by SIGTERM, for which no handler is there, is as ever", async () => {
    const ending = "process.kill(process.pid, 'SIGTERM');";
    const { signal } = await run(atFirstRendering(to(slow, path.join(temporaryFolder(), "out.mp4")), ending));
    assert.equal(signal, "SIGTERM");
  });

  test("comes by itself once its exports are over", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const { code, stderr } = await run(`
      import { exportVideo } from "@opencut/libav";
      const { config, options } = ${JSON.stringify(to(quick, output))};
      exportVideo(config, options);`);
    assert.deepEqual([code, stderr], [0, ""]);
    await assertWhole(output);
  });
});

describe("the end of a worker thread in mid-export", () => {
  /** Starts a worker that exports slowly; resolves at its first progress. */
  async function startWorker(data) {
    const worker = new Worker(workerExport, { workerData: data });
    worker.on("error", () => {});
    const exited = new Promise((resolve) => worker.on("exit", resolve));
    if (!data.exitAtFirstProgress) await fromWorker(worker, ({ progress }) => progress?.phase === "rendering");
    return { worker, exited };
  }

  test("by terminate() leaves nothing, and the others go on", async () => {
    const folder = temporaryFolder();
    const here = exportVideo(small.config, { ...quick.options, output: path.join(folder, "here.mp4") });
    const started = await Promise.all(
      ["a", "b"].map((name) => startWorker(to(slow, path.join(folder, `${name}.mp4`)))),
    );
    await started[0].worker.terminate();
    assert.ok(namesIn(folder).every((name) => !name.startsWith(".a.mp4")));
    await started[1].worker.terminate();
    await here;
    assert.deepEqual(namesIn(folder), ["here.mp4"]);
    await exportVideo(shortEdit, { ...quick.options, output: path.join(folder, "later.mp4") });
  });

  test("by terminate() at any moment leaves nothing", async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 12; i++) {
      const worker = new Worker(workerExport, { workerData: to(quick, path.join(folder, `${i}.mp4`)) });
      worker.on("error", () => {});
      await new Promise((resolve) => setTimeout(resolve, 25 * i));
      await worker.terminate();
      assert.deepEqual(
        namesIn(folder).filter((name) => name.endsWith(".part")),
        [],
      );
    }
  });

  test("by its own process.exit() leaves nothing", async () => {
    const folder = temporaryFolder();
    const { exited } = await startWorker({ ...to(slow, path.join(folder, "out.mp4")), exitAtFirstProgress: true });
    assert.equal(await exited, 5);
    assert.deepEqual(namesIn(folder), []);
  });

  const notCleaned = onBun && "Bun does not end its workers first";
  test("by the main thread's process.exit() leaves nothing", { skip: notCleaned }, async () => {
    const folder = temporaryFolder();
    const program = `
      import { Worker } from "node:worker_threads";
      const worker = new Worker(${JSON.stringify(workerExport)}, {
        execArgv: [],
        workerData: ${JSON.stringify(to(slow, path.join(folder, "out.mp4")))},
      });
      worker.on("message", ({ progress }) => progress?.phase === "rendering" && process.exit(7));`;
    const { code, signal, stderr } = await run(program, { env: withoutLeakCheck });
    assert.deepEqual([code, signal, stderr], [7, null, ""]);
    assert.deepEqual(namesIn(folder), []);
  });
});

describe("the event loop", () => {
  const watching = (work) => `
    import { monitorEventLoopDelay } from "node:perf_hooks";
    import { exportVideo } from "@opencut/libav";
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    ${work}
    delay.disable();
    console.log(delay.percentile(99) / 1e6);`;
  const skip = onBun && "Bun has no such monitor";

  // Both at the same time, so that what else the machine does is the same for both.
  test("is hardly later while an export runs than in a process beside it", { skip }, async () => {
    const { config, options } = to({ ...slow, config: longEdit(4) }, path.join(temporaryFolder(), "out.mp4"));
    const beside = start(
      watching(`const alive = setInterval(() => {}, 60_000);
        await new Promise((resolve) => process.once("SIGTERM", resolve));
        clearInterval(alive);`),
    );
    const exporting = await run(
      watching(`await exportVideo(${JSON.stringify(config)}, { ...${JSON.stringify(options)}, onProgress() {} });`),
    );
    beside.child.kill("SIGTERM");
    const [during, idle] = [exporting, await beside.exit()].map(({ stdout }) => Number(stdout));
    if (process.env.OPENCUT_SHOW_FIGURES) console.log(`event loop p99: ${during} ms, beside it ${idle} ms`);
    assert.ok(during <= 4 * idle + 20, `${during} ms, beside it ${idle} ms`);
  });
});
