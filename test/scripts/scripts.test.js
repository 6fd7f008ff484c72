// The scripts that set up, build and count: what they say when something is missing, and whether they count right.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** Runs Node in the repository, and not as a part of this test run. */
function node(args, env = {}) {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env: { ...own, ...env } });
}

const evaluate = (code, env) => node(["--input-type=module", "-e", code], env);

describe("on a machine with nothing on it", () => {
  const bare = { PATH: "" };

  it("setup -- --print lists all that is missing, and changes nothing", () => {
    const { status, stdout } = node(["scripts/setup.mjs", "--print"], bare);
    assert.equal(status, 0);
    for (const name of ["g++", "cmake", "libavformat 59.27 or newer", "gtest 1.11 or newer", "ffmpeg"]) {
      assert.ok(stdout.includes(`missing: ${name}\n`), name);
    }
    assert.ok(!stdout.includes("clang-format")); // Only who formats needs it.
  });

  it("build:native names what is missing and the one command to run, and does not build", () => {
    const { status, stdout, stderr } = node(["scripts/build-native.mjs"], bare);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^Cannot build without g\+\+, cmake, .*: run npm run setup\n$/);
  });

  it("a purpose that nobody knows is refused", () => {
    const { status, stderr } = node(["scripts/setup.mjs", "--for", "fun"], bare);
    assert.equal(status, 1);
    assert.match(stderr, /--for fun: expected all or some of build,/);
  });
});

describe("counting", () => {
  let folder;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "counting-"))));
  after(() => rmSync(folder, { recursive: true }));

  const counted = (files) => {
    const code = `import { runOnNode } from "./scripts/steps/js-tests.mjs";
      console.log("\\nCOUNTS" + JSON.stringify(runOnNode(${JSON.stringify(files)})));`;
    return JSON.parse(/^COUNTS(.*)$/m.exec(evaluate(code).stdout)[1]);
  };
  const testFile = (name, body) => {
    const file = path.join(folder, name);
    writeFileSync(file, `import { test } from "node:test";\n${body}`);
    return file;
  };

  it("adds up passed, failed and skipped tests of several files", () => {
    const good = testFile(
      "good.test.mjs",
      'test("a", () => {}); test("b", () => {}); test("c", { skip: "why" }, () => {});',
    );
    const bad = testFile("bad.test.mjs", 'test("d", () => { throw new Error("no"); });');
    assert.deepEqual(counted([good, bad]), { passed: 2, failed: 1, skipped: 1 });
  });

  it("counts a file that dies as a failure", () => {
    const dying = testFile("dying.test.mjs", 'test("a", () => {}); process.exit(3);');
    assert.ok(counted([dying]).failed > 0);
  });

  it("ends with one line that sums up all parts, and fails when one part could not run", () => {
    const { status, stdout } = evaluate(`import { Tally } from "./scripts/steps/tally.mjs";
      const tally = new Tally();
      await tally.part("one", () => ({ passed: 5, failed: 0, skipped: 2 }));
      await tally.part("two", () => { throw new Error("cannot run"); });
      tally.finish();`);
    assert.equal(status, 1);
    assert.equal(stdout.trimEnd().split("\n").at(-1), "5 passed, 1 failed, 2 skipped");
  });

  it("of .ci/run adds up its runs' last lines, and a run that died without one", () => {
    // The script with stand-ins for its two runs.
    const script = readFileSync(path.join(root, ".ci", "run"), "utf8").replace(/^run (npm|node) .*$/gm, "");
    const ending = (runs) => {
      const text = script.replace("# A run that ends", `${runs}\n# A run that ends`);
      const { status, stdout } = spawnSync("bash", ["-c", text, path.join(root, ".ci", "run")], {
        encoding: "utf8",
        cwd: root,
      });
      return [status, stdout.trimEnd().split("\n").at(-1)];
    };
    assert.deepEqual(ending('run echo "3 passed, 0 failed, 1 skipped"\nrun echo "4 passed, 0 failed, 0 skipped"'), [
      0,
      "7 passed, 0 failed, 1 skipped",
    ]);
    assert.deepEqual(ending('run bash -c "echo 3 passed, 2 failed, 0 skipped; exit 1"'), [
      1,
      "3 passed, 2 failed, 0 skipped",
    ]);
    assert.deepEqual(ending('run echo "3 passed, 0 failed, 0 skipped"\nrun false'), [
      1,
      "3 passed, 1 failed, 0 skipped",
    ]);
  });
});

describe("package.json", () => {
  it("names a script file for each of its scripts", () => {
    for (const [name, command] of Object.entries(manifest.scripts)) {
      const file = /^node (scripts\/[\w-]+\.mjs)$/.exec(command)?.[1];
      assert.ok(file, `${name}: ${command}`);
      assert.equal(spawnSync(process.execPath, ["--check", file], { cwd: root }).status, 0);
    }
  });
});
