// The package as npm would publish it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { root, runNode } from "../lib/support/run_node.js";

const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

test("publint finds nothing to say", async () => {
  const { messages } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest, { color: false })),
    [],
  );
});

test("are the types wrong? They are not, for whoever resolves modules as Node does", async () => {
  const attw = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  // CommonJS gets the ES module too: require() takes it on Node 20.19 and later.
  const { code, stdout } = await runNode([
    attw,
    "--pack",
    root,
    "--profile",
    "node16",
    "--ignore-rules",
    "cjs-resolves-to-esm",
    "--format",
    "json",
  ]);
  const { analysis } = JSON.parse(stdout);
  const found = analysis.problems.filter(({ resolutionKind }) => resolutionKind !== "node10"); // It knows no "exports".
  assert.deepEqual([...new Set(found.map(({ kind }) => kind))], ["CJSResolvesToESM"]);
  assert.equal(code, 0);
});

test("the tarball holds what runs, what declares and what compiles, and nothing of the workshop", () => {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = JSON.parse(stdout)[0].files.map((file) => file.path);
  const needed = [
    "lib/index.js",
    "lib/processor/index.js",
    "lib/schema.js",
    "lib/cli/main.js",
    "types/index.d.ts",
    "types/processor.d.ts",
    "types/schema.d.ts",
    "package.json",
  ];
  const toCompile = [
    "CMakeLists.txt",
    "CMakePresets.json",
    "binding/CMakeLists.txt",
    "scripts/build-native.mjs",
    "src/base/error.h",
  ];
  for (const file of [...needed, ...toCompile]) assert.ok(files.includes(file), file);
  assert.deepEqual(
    files.filter((file) => /^(test|build|out|node_modules|\.ci)\//.test(file)),
    [],
  );
});

test("every entry point that is declared can be imported", async () => {
  const entries = Object.keys(manifest.exports).filter((name) => !name.endsWith(".json"));
  const program = entries
    .map((name) => `await import(${JSON.stringify(path.posix.join(manifest.name, name))});`)
    .join("");
  const { code, stderr } = await runNode(["--input-type=module", "-e", program]);
  assert.equal(code, 0, stderr);
});
