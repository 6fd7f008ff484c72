// opencut-libav on the real addon: exit codes, what is printed, and signals in mid-export.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { large, longEdit, namesIn, shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { holding, run, start } from "../binding/support/programs.js";

const main = fileURLToPath(new URL("../../lib/cli/main.js", import.meta.url));
const cli = (args, options) => run([main, ...args], options);

/** @param {object} config */
function configFile(config) {
  const file = path.join(temporaryFolder(), "config.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe("export", () => {
  test("writes the file, prints the report as one JSON object and ends with 0", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const args = ["export", configFile(small.config), "--media-base", small.base, "-o", output, "--json"];
    const { code, stdout, stderr } = await cli(args);
    assert.deepEqual([code, stderr], [0, ""]);
    const report = JSON.parse(stdout);
    assert.equal(report.output.path, output);
    assert.equal(report.output.bytes, readFileSync(output).length);
    assert.deepEqual(namesIn(path.dirname(output)), ["out.mp4"]);
  });

  test("for people: a summary on stdout, nothing on stderr that is no terminal", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const args = ["export", configFile(shortEdit), "--media-base", small.base, "-o", output];
    const { code, stdout, stderr } = await cli(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(stdout.includes("out.mp4"), stdout);
  });

  test("plan, probe, cut and capabilities agree with it", async () => {
    const output = path.join(temporaryFolder(), "cut.mp4");
    const plan = await cli(["plan", configFile(small.config), "--media-base", small.base, "--json"]);
    assert.equal(JSON.parse(plan.stdout).mode, "hybrid");
    const cutting = await cli(["cut", small.sources[0], "-o", output, "--start", "1", "--end", "0:02", "--json"]);
    assert.equal(JSON.parse(cutting.stdout).output.path, output);
    const probing = await cli(["probe", output, "--json"]);
    assert.ok(Math.abs(JSON.parse(probing.stdout).duration - 1) < 0.05, probing.stdout);
    const capabilities = await cli(["capabilities", "--json"]);
    assert.ok(JSON.parse(capabilities.stdout).muxers.includes("mp4"));
    assert.deepEqual([plan.code, cutting.code, probing.code, capabilities.code], [0, 0, 0, 0]);
  });
});

describe("a failure ends with its exit code, and its JSON object says the same", () => {
  const text = path.join(temporaryFolder(), "text.mp4");
  writeFileSync(text, "not media\n");
  const inBase = ["--media-base", small.base];
  const to = (folder = temporaryFolder()) => ["-o", path.join(folder, "out.mp4")];
  const outside = { ...shortEdit, segments: [{ ...shortEdit.segments[0], startTime: 90, endTime: 91 }] };
  const cases = {
    ERR_BAD_ARGS: [2, ["export", configFile({ ...shortEdit, version: 2 }), ...inBase, ...to()]],
    ERR_OUT_OF_RANGE: [2, ["export", configFile(outside), ...inBase, ...to()]],
    ERR_PROBE: [3, ["cut", text, ...to()]],
    ERR_PLAN_UNSUPPORTED: [4, ["export", configFile(small.config), ...inBase, ...to(), "--max-encoded-seconds", "0"]],
    ERR_FS: [5, ["export", configFile(shortEdit), ...inBase, "-o", "/nowhere/out.mp4"]],
  };
  for (const [errorCode, [exitCode, args]] of Object.entries(cases)) {
    test(`${errorCode}: ${exitCode}`, async () => {
      const people = await cli(args);
      assert.deepEqual([people.code, people.stdout], [exitCode, ""]);
      assert.match(people.stderr, new RegExp(`^opencut-libav: .*\\(${errorCode}\\)\n`));
      const { code, stdout, stderr } = await cli([...args, "--json"]);
      assert.deepEqual([code, stderr], [exitCode, ""]);
      const error = JSON.parse(stdout);
      assert.equal(error.code, errorCode);
      assert.deepEqual(Object.keys(error), ["code", "message", "hint", "phase", "context"]);
    });
  }

  test("a broken disk: 5, in the phase that found out", async () => {
    const folder = temporaryFolder();
    const { env } = holding({ call: "fsync", on: ".part", errno: 5 });
    const { code, stdout } = await cli(["export", configFile(shortEdit), ...inBase, ...to(folder), "--json"], { env });
    const error = JSON.parse(stdout);
    assert.deepEqual([code, error.code, error.phase, error.context.system], [5, "ERR_FS", "finalizing", "EIO"]);
    assert.deepEqual(namesIn(folder), []);
  });
});

describe("a signal in mid-export", () => {
  const long = configFile(longEdit(60));

  for (const [name, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    test(`${name} while rendering ends with ${exitCode}, and all is as it was`, async () => {
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, "out.mp4"), "earlier");
      const { env, reached, release } = holding({ call: "pwrite", on: ".part" });
      const args = [main, "export", long, "--media-base", large.base, "-o", path.join(folder, "out.mp4"), "--json"];
      const program = start(args, { env });
      await reached();
      assert.equal(namesIn(folder).length, 2);
      program.child.kill(name);
      release();
      const { code, signal, stdout, stderr } = await program.exit();
      assert.deepEqual([code, signal, stderr], [exitCode, null, ""]);
      assert.equal(JSON.parse(stdout).code, "ABORTED");
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
      assert.equal(readFileSync(path.join(folder, "out.mp4"), "utf8"), "earlier");
    });
  }

  test("twice while the system keeps the job: it ends at once, and nothing is left", async () => {
    const folder = temporaryFolder();
    const { env, reached } = holding({ call: "fsync", on: ".part" });
    const args = ["export", configFile(shortEdit), "--media-base", small.base, "-o", path.join(folder, "out.mp4")];
    const program = start([main, ...args], { env });
    await reached();
    program.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 100));
    program.child.kill("SIGINT");
    assert.equal((await program.exit()).code, 130);
    assert.deepEqual(namesIn(folder), []);
  });
});
