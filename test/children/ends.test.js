// How children end: by a library that crashes, with their parent, and not by what is meant for their parent.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { holding, run, start, withoutLeakCheck } from "../binding/support/programs.js";
import { gone } from "./support/processes.js";

const renderAll = fileURLToPath(new URL("support/render_all.js", import.meta.url));
const linesOf = (stdout) => stdout.trim().split("\n").map((line) => JSON.parse(line));
const longJob = (folder) => ({
  config: longEdit(200),
  options: { mediaBasePath: large.base, output: path.join(folder, "out.mp4") },
});

/** A program that renders for long, once it does; `child` is its child. */
async function rendering({ then = "wait" } = {}) {
  const folder = temporaryFolder();
  const request = { pool: { size: 1 }, jobs: [longJob(folder)], then };
  const program = start([renderAll, JSON.stringify(request)], { env: withoutLeakCheck });
  await program.said('{"writing"');
  const [{ child }] = linesOf(program.output.stdout);
  return { program, child, folder };
}

describe("a source that crashes the library", () => {
  /** The ends of three good jobs and one that reads `bad`, rendered by two children. */
  async function endsBeside(bad, held) {
    const folder = temporaryFolder();
    const jobFrom = (sources, name) => ({
      config: { ...shortEdit, sources: sources.map((filePath, i) => ({ id: `${i}`, name: `${i}`, filePath })) },
      options: { output: path.join(folder, name) },
    });
    const jobs = [0, 1, 2].map((i) => jobFrom(small.sources.slice(i, i + 1), `good${i}.mp4`));
    jobs.splice(1, 0, jobFrom([bad], "bad.mp4"));
    const { env } = holding({ ...held, on: path.basename(bad) });
    const { stdout, stderr } = await run([renderAll, JSON.stringify({ pool: { size: 2 }, jobs })], { env });
    const { ends } = linesOf(stdout || `"${stderr}"`).at(-1);
    return { ends, names: namesIn(folder).filter((name) => !name.startsWith(".")) };
  }

  for (const signal of ["SIGSEGV", "SIGABRT", "SIGILL", "SIGBUS", "SIGFPE"]) {
    test(`by ${signal} fails its own job alone, and is named`, async () => {
      const bad = path.join(temporaryFolder(), "bad.mp4");
      copyFileSync(small.sources[0], bad);
      const held = { call: "pread", nth: 3, signal: os.constants.signals[signal] };
      const { ends, names } = await endsBeside(bad, held);
      const [{ error }] = ends.splice(1, 1);
      assert.deepEqual([error.code, error.retryable], ["ERR_CRASHED", true]);
      assert.deepEqual([error.context.signal, error.context.file], [signal, bad]);
      assert.ok(error.message.includes(bad), error.message);
      for (const end of ends) assert.ok(end.report, JSON.stringify(end));
      assert.deepEqual(names, ["good0.mp4", "good1.mp4", "good2.mp4"]);
    });
  }

  test("before anything is read of it is named too", async () => {
    const bad = path.join(temporaryFolder(), "bad.mp4");
    copyFileSync(small.sources[0], bad);
    const { ends } = await endsBeside(bad, { call: "open", signal: os.constants.signals.SIGSEGV });
    assert.equal(ends[1].error.context.file, bad);
  });
});

describe("the end of the parent", () => {
  test("by SIGKILL ends a child in mid-job", async () => {
    const { program, child } = await rendering();
    program.child.kill("SIGKILL");
    await program.exit();
    await gone(child);
  });

  const notLinux = process.platform !== "linux" && "the system does not end children with their parent";
  test("by SIGKILL ends a child that can take no note of it", { skip: notLinux }, async () => {
    const { program, child } = await rendering();
    process.kill(child, "SIGSTOP");
    program.child.kill("SIGKILL");
    await gone(child);
    await program.exit();
  });

  test("by its own exit ends a child in mid-job", async () => {
    const { program, child } = await rendering({ then: "exit" });
    assert.equal((await program.exit()).code, 0);
    await gone(child);
  });
});

describe("signals to all processes of a terminal or a service", () => {
  test("do not end a child", async () => {
    const folder = temporaryFolder();
    const request = { pool: { size: 1 }, jobs: [{ ...longJob(folder), config: longEdit(5) }] };
    const program = start([renderAll, JSON.stringify(request)]);
    await program.said('{"writing"');
    const [{ child }] = linesOf(program.output.stdout);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.kill(child, signal);
    const { stdout } = await program.exit();
    assert.ok(linesOf(stdout).at(-1).ends[0].report, stdout);
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
  });
});

describe("a cancelled job that a system call keeps", () => {
  test("rejects in time, and its child takes no other job", async () => {
    const folder = temporaryFolder();
    const { env, gate } = holding({ call: "fsync", on: ".part" });
    const options = { mediaBasePath: small.base, output: path.join(folder, "out.mp4") };
    const program = `
      import { existsSync } from "node:fs";
      import { setTimeout as sleep } from "node:timers/promises";
      import { createPool } from "./lib/children/pool.js";
      const children = [];
      const log = { info() {}, warn() {}, error() {}, debug: ({ pid }, text) => text === "child started" && children.push(pid) };
      const pool = createPool({ size: 1, log });
      const controller = new AbortController();
      const [config, options] = ${JSON.stringify([shortEdit, options])};
      const done = pool.render(config, { ...options, signal: controller.signal }).catch((error) => error);
      while (!existsSync(${JSON.stringify(gate)})) await sleep(1);
      const abortedAt = performance.now();
      controller.abort("why");
      const reason = await done;
      const tookMs = performance.now() - abortedAt;
      await pool.plan(config, options);
      await pool.close();
      console.log(JSON.stringify({ reason, tookMs, children: children.length }));`;
    const { stdout, stderr } = await run(program, { env });
    const { reason, tookMs, children } = JSON.parse(stdout || `"${stderr}"`);
    assert.deepEqual([reason, children], ["why", 2]);
    // Two seconds, and what a busy machine adds.
    assert.ok(tookMs >= 1900 && tookMs < 8000, `${tookMs} ms`);
  });
});
