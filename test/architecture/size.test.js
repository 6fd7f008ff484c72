// Bars on size and naming. They are the project's own: CONTRIBUTING.md says why.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { Linter } from "eslint";
import { cppFunctions } from "./cpp-functions.mjs";
import { filesUnder, root } from "./sources.mjs";

const read = (file) => readFileSync(path.join(root, file), "utf8");
const lineCount = (file) => read(file).split("\n").length - 1;
/** The value below which `share` of the sorted values lie. */
const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))];

const cpp = filesUnder(["src", "binding"], [".cc", ".h"]);
const javascript = filesUnder(["lib", "scripts", "test"], [".js", ".mjs"]);
const everything = [
  ...cpp,
  ...javascript,
  ...filesUnder(["test"], [".cc", ".c", ".h"]),
  ...filesUnder(["types", "test"], [".ts"]),
];

function jsFunctionsLongerThan(max, file) {
  const rule = "max-lines-per-function";
  const config = {
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: { [rule]: ["error", { max }] },
  };
  const found = new Linter()
    .verify(read(file).replace(/^#!.*/, ""), config)
    .filter(({ ruleId, fatal }) => fatal || ruleId === rule);
  return found.map(({ line, message }) => `${file}:${line} ${message}`);
}

describe("files", () => {
  it("have at most 600 lines", () => {
    assert.deepEqual(
      everything.filter((file) => lineCount(file) > 600),
      [],
    );
  });

  it("in C++ have at most 400 lines, nine in ten of them", () => {
    assert.ok(quantile(cpp.map(lineCount), 0.9) <= 400);
  });

  it("have names that say what is in them", () => {
    assert.deepEqual(
      everything.filter((file) => /(^|[^a-z])(util|misc|common|helper|manager)s?([^a-z]|$)/i.test(file)),
      [],
    );
  });

  it("leave nothing to be done later", () => {
    const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`);
    assert.deepEqual(
      everything.filter((file) => marks.test(read(file))),
      [],
    );
  });
});

describe("functions", () => {
  const native = cpp.flatMap((file) =>
    cppFunctions(read(file)).map((f) => ({ ...f, where: `${file}:${f.line} ${f.name} has ${f.lines} lines` })),
  );

  it("in C++ are found by this test", () => {
    const text =
      "int Twice(int x) {\n  // {\n  return 2 * x;\n}\n" +
      'struct A {\n  A() : b_{1} {\n    f("}");\n  }\n  int b_;\n};\nconst int c[] = {1, 2};\n';
    assert.deepEqual(cppFunctions(text), [
      { name: "Twice", line: 1, lines: 4 },
      { name: "A", line: 6, lines: 3 },
    ]);
    assert.ok(native.length > 50);
  });

  it("in C++ have at most 80 lines", () => {
    assert.deepEqual(
      native.filter((f) => f.lines > 80).map((f) => f.where),
      [],
    );
  });

  it("in C++ have at most 40 lines, 95 in 100 of them", () => {
    const long = native.filter((f) => f.lines > 40);
    assert.ok(long.length <= native.length * 0.05, long.map((f) => f.where).join("\n"));
  });

  it("in JavaScript have at most 80 lines, tests aside", () => {
    const long = javascript
      .filter((file) => !file.endsWith(".test.js"))
      .flatMap((file) => jsFunctionsLongerThan(80, file));
    assert.deepEqual(long, []);
  });
});
