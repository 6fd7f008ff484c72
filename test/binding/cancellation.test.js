// An abort, in every phase of an export: the promise rejects with the reason, soon, and nothing is left.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exportVideo, planExport, probe } from "@opencut/libav";
import { folderWithTarget, large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { holding, run } from "./support/programs.js";

const heldExport = fileURLToPath(new URL("support/held_export.js", import.meta.url));

/** Aborts `waitMs` after the first progress that `when` holds of; gives the time it then took. */
async function abortWhile(config, options, when, waitMs = 0) {
  const controller = new AbortController();
  const reason = new Error("enough");
  let abortedAt;
  let callsAfter = 0;
  const promise = exportVideo(config, {
    mediaBasePath: large.base,
    ...options,
    signal: controller.signal,
    onLog: () => void (controller.signal.aborted && callsAfter++),
    onProgress(progress) {
      if (controller.signal.aborted) callsAfter++;
      if (abortedAt !== undefined || !when(progress)) return;
      abortedAt = Infinity;
      setTimeout(() => {
        abortedAt = performance.now();
        controller.abort(reason);
      }, waitMs);
    },
  });
  await assert.rejects(promise, (error) => error === reason);
  const elapsedMs = performance.now() - abortedAt;
  await sleep(20);
  assert.equal(callsAfter, 0);
  return elapsedMs;
}

describe("an abort before and while planning", () => {
  test("of a signal that is aborted already starts nothing", async () => {
    const { target, assertUntouched } = folderWithTarget();
    const options = { mediaBasePath: large.base, output: target, signal: AbortSignal.abort("why") };
    await assert.rejects(exportVideo(longEdit(1), options), (reason) => reason === "why");
    assertUntouched();
  });

  test("right behind the call", async () => {
    const { target, assertUntouched } = folderWithTarget();
    const controller = new AbortController();
    const options = { mediaBasePath: large.base, output: target, signal: controller.signal };
    const promise = exportVideo(longEdit(100), options);
    controller.abort("why");
    await assert.rejects(promise, (reason) => reason === "why");
    assertUntouched();
  });

  test("of a plan and of a probe", async () => {
    for (const begin of [
      (signal) => planExport(longEdit(100), { mediaBasePath: large.base, signal }),
      (signal) => probe(large.sources[0], { signal }),
    ]) {
      const controller = new AbortController();
      const promise = begin(controller.signal);
      controller.abort("why");
      await assert.rejects(promise, (reason) => reason === "why");
    }
  });
});

describe("an abort while rendering", () => {
  // Far more than it takes on an idle machine, so that a busy one does not fail.
  const soonMs = 2000;
  for (const [mode, count] of Object.entries({ copy: 400, hybrid: 60, reencode: 20 })) {
    test(`in mode ${mode} rejects soon, whenever it comes`, async () => {
      const { target, assertUntouched } = folderWithTarget();
      const options = { output: target, mode };
      for (const waitMs of [0, 13, 61]) {
        const tookMs = await abortWhile(longEdit(count), options, ({ phase }) => phase === "rendering", waitMs);
        if (process.env.OPENCUT_SHOW_FIGURES) console.log(`${mode}: abort to rejection ${tookMs.toFixed(1)} ms`);
        assert.ok(tookMs < soonMs, `${tookMs} ms`);
        assertUntouched();
      }
    });
  }

  test("while the whole file is checked", async () => {
    const { target, assertUntouched } = folderWithTarget();
    const options = { output: target, mode: "copy", verify: "full" };
    assert.ok((await abortWhile(longEdit(20), options, ({ phase }) => phase === "verifying")) < soonMs);
    assertUntouched();
  });

  test("at any time at all leaves either the whole file or nothing", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const options = { mediaBasePath: small.base, output: target };
    const { output, elapsedMs } = await exportVideo(small.config, options);
    const ends = [];
    for (let i = 0; i < 25; i++) {
      const signal = AbortSignal.timeout(Math.round((elapsedMs * 1.2 * i) / 24));
      writeFileSync(target, "earlier");
      const end = await exportVideo(small.config, { ...options, signal }).then(
        (report) => report.output.bytes,
        (error) => (assert.equal(error, signal.reason), "earlier".length),
      );
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
      assert.equal(readFileSync(target).length, end);
      ends.push(end);
    }
    assert.equal(ends[0], "earlier".length);
    assert.ok(output.bytes > 0);
  });
});

describe("an abort in the middle of a system call", () => {
  const [{ filePath: source }] = small.config.sources;
  const calls = {
    "reading a source's header": { call: "pread", on: source },
    "reading a source's pictures": { call: "pread", on: source, nth: 4 },
    "writing the header": { call: "pwrite", on: ".part" },
    "moving the file to the disk": { call: "fsync", on: ".part" },
    "checking the file": { call: "pread", on: ".part" },
  };
  for (const [name, held] of Object.entries(calls)) {
    test(`${name}: rejects once the call returns`, async () => {
      const { target, assertUntouched } = folderWithTarget();
      const { env, gate } = holding(held);
      const options = { mediaBasePath: small.base, output: target };
      const request = { config: small.config, options, gate, release: "soon" };
      const { stdout, stderr } = await run([heldExport, JSON.stringify(request)], { env });
      const { outcome, callsAfter } = JSON.parse(stdout || `"${stderr}"`);
      assert.deepEqual({ outcome, callsAfter }, { outcome: "rejected with the reason", callsAfter: 0 });
      assertUntouched();
    });
  }

  test("a call that does not return for long: rejects in time, and the job cleans up when it does", async () => {
    const { target, assertUntouched } = folderWithTarget();
    const { env, gate } = holding({ call: "fsync", on: ".part" });
    const options = { mediaBasePath: small.base, output: target };
    const request = { config: shortEdit, options, gate, release: "settled" };
    const { stdout } = await run([heldExport, JSON.stringify(request)], { env });
    const { outcome, abortToEndMs } = JSON.parse(stdout);
    assert.equal(outcome, "rejected with the reason");
    assert.ok(abortToEndMs < 5000, `${abortToEndMs} ms`);
    assertUntouched();
  });

  test("of the rename or behind it comes too late: the promise resolves", async () => {
    for (const held of [{ call: "rename" }, { call: "fsync", nth: 2 }]) {
      const folder = temporaryFolder();
      const target = path.join(folder, "out.mp4");
      const { env, gate } = holding({ ...held, on: folder });
      const options = { mediaBasePath: small.base, output: target };
      const request = { config: shortEdit, options, gate, release: "soon" };
      const { stdout } = await run([heldExport, JSON.stringify(request)], { env });
      assert.equal(JSON.parse(stdout).outcome, "resolved");
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
    }
  });

  test("in the callback that says it is done comes too late as well", async () => {
    const target = path.join(temporaryFolder(), "out.mp4");
    const controller = new AbortController();
    const report = await exportVideo(shortEdit, {
      mediaBasePath: small.base,
      output: target,
      signal: controller.signal,
      onProgress: ({ progress }) => progress === 1 && controller.abort(),
    });
    assert.ok(controller.signal.aborted);
    assert.equal(report.output.bytes, readFileSync(target).length);
  });
});
