import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../lib/support/run_node.js";

const tsc = path.join(root, "node_modules/typescript/bin/tsc");

test("lib/ is free of type errors and fits types/, as do the caller's types and users' programs", () => {
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--project", "tsconfig.json"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});

test("every exported name is documented", () => {
  const undocumented = [];
  for (const file of readdirSync(path.join(root, "types")).filter((name) => name !== "index.d.ts")) {
    const lines = readFileSync(path.join(root, "types", file), "utf8").split("\n");
    lines.forEach((line, i) => {
      if (!/^export (?!\*|type \{|\{)/.test(line)) return;
      if (!/\*\/$/.test(lines[i - 1] ?? "")) undocumented.push(`${file}:${i + 1} ${line}`);
    });
  }
  assert.deepEqual(undocumented, []);
});
