// What the JavaScript of the package may import, by reading its import statements.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/support/run_node.js";

const read = (file) => readFileSync(path.join(root, file), "utf8");
const manifest = JSON.parse(read("package.json"));
const sources = readdirSync(path.join(root, "lib"), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".js"))
  .map((file) => path.join("lib", file));

/** The specifiers that a file imports, whether statically, dynamically or by require(). */
function importsOf(file) {
  const code = read(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");
  const patterns = [
    /\b(?:import|export)\b[^;"']*?\bfrom\s*["']([^"']+)["']/g,
    /\bimport\s*\(?\s*["']([^"']+)["']/g,
    /\brequire\(["']([^"']+)["']\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]));
}

/** Every file of the package that importing `entry` runs. */
function reachedFrom(entry, reached = new Set()) {
  if (reached.has(entry)) return reached;
  reached.add(entry);
  for (const name of importsOf(entry)) {
    if (name.startsWith(".")) reachedFrom(path.join(path.dirname(entry), name), reached);
  }
  return reached;
}

describe("imports", () => {
  test("the walk sees what there is to see", () => {
    assert.ok(sources.length >= 15);
    assert.ok(reachedFrom("lib/index.js").has("lib/native.js"));
    assert.deepEqual(importsOf("lib/native.js"), ["node:fs", "node:module", "node:path", "node:url", "./errors.js"]);
  });

  // A web app imports these while it is being bundled: they must never come near a native addon.
  test("/schema reaches no file but its own, and zod/v3 alone", () => {
    assert.deepEqual([...reachedFrom("lib/schema.js")], ["lib/schema.js"]);
    assert.deepEqual(importsOf("lib/schema.js"), ["zod/v3"]);
  });

  test("only native.js opens an addon, and few call it", () => {
    const importers = sources.filter((file) => importsOf(file).some((name) => name.endsWith("/native.js")));
    assert.deepEqual(importers.sort(), ["lib/capabilities.js", "lib/children/render_child.js", "lib/job.js"]);
    assert.deepEqual(sources.filter((file) => read(file).includes("createRequire(")).sort(), [
      "lib/native.js",
      "lib/version.js",
    ]);
  });

  test("nothing outside lib/cli/ imports the command line", () => {
    for (const file of sources.filter((name) => !name.startsWith("lib/cli/"))) {
      assert.ok(
        importsOf(file).every((name) => !name.includes("/cli/")),
        file,
      );
    }
  });

  test("every package imported is a dependency, and every dependency of JavaScript is imported", () => {
    const imported = new Set();
    for (const file of sources) {
      for (const name of importsOf(file)) {
        assert.ok(
          name.startsWith(".") || !isBuiltin(name) || name.startsWith("node:"),
          `${file}: ${name} without node:`,
        );
        if (!name.startsWith(".") && !isBuiltin(name)) imported.add(name.split("/")[0]);
      }
    }
    const forTheCompiler = ["node-addon-api", "node-api-headers"];
    const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    assert.deepEqual([...imported].sort(), declared.filter((name) => !forTheCompiler.includes(name)).sort());
  });

  test("there is no top-level await: require() of the package would fail", () => {
    for (const file of sources)
      assert.doesNotMatch(read(file), /^(?:(?:const|let|export) .*= )?await\b|^for await\b/m, file);
  });
});

test("no script runs at installation, and none is named build", () => {
  const forbidden = ["build", "install", "preinstall", "postinstall", "prepare", "prepublish", "prepack"];
  assert.deepEqual(
    Object.keys(manifest.scripts).filter((name) => forbidden.includes(name)),
    [],
  );
});
