import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { isMediaError, MediaError } from "@opencut/libav";
import { root } from "./support/run_node.js";

const codes = [
  "ERR_BAD_ARGS",
  "ERR_OUT_OF_RANGE",
  "ERR_PROBE",
  "ERR_PLAN_UNSUPPORTED",
  "ERR_EXEC",
  "ERR_VERIFY",
  "ERR_FS",
  "ERR_CRASHED",
  "ERR_NATIVE_UNAVAILABLE",
];
const text = () => fc.string({ unit: "binary" });
const mediaErrors = fc
  .record(
    {
      code: fc.constantFrom(...codes),
      message: text(),
      hint: text(),
      retryable: fc.boolean(),
      phase: fc.constantFrom("planning", "rendering", "finalizing", "verifying"),
      context: fc.record(
        { path: text(), source: fc.nat(), segment: fc.nat(), jsonPath: text(), libav: text(), system: text() },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ["code", "message"] },
  )
  .map(({ code, message, ...init }) => new MediaError(code, message, init));

test("a MediaError is the same after any trip through JSON", () => {
  fc.assert(
    fc.property(mediaErrors, (error) => {
      const back = MediaError.fromJSON(JSON.parse(JSON.stringify(error)));
      assert.ok(isMediaError(back));
      assert.deepEqual(
        [back.name, back.code, back.message, back.hint, back.retryable, back.phase, back.context],
        [error.name, error.code, error.message, error.hint, error.retryable, error.phase, error.context],
      );
      assert.deepEqual(back.toJSON(), error.toJSON());
    }),
  );
});

test("its JSON holds exactly what is documented", () => {
  const bare = new MediaError("ERR_EXEC", "broken");
  assert.deepEqual(JSON.parse(JSON.stringify(bare)), {
    name: "MediaError",
    code: "ERR_EXEC",
    message: "broken",
    retryable: true,
    context: {},
  });
});

test("whether a retry may help follows from the code, unless it is said", () => {
  const retryable = codes.filter((code) => new MediaError(code, "").retryable);
  assert.deepEqual(retryable, ["ERR_EXEC", "ERR_VERIFY", "ERR_FS", "ERR_CRASHED"]);
  assert.equal(new MediaError("ERR_EXEC", "", { retryable: false }).retryable, false);
  assert.equal(MediaError.fromJSON({ code: "ERR_EXEC", message: "", retryable: false }).retryable, false);
});

test("it is an Error with a stack, a cause and a readable name", () => {
  const cause = new Error("inner");
  const error = new MediaError("ERR_FS", "disk full", { cause });
  assert.ok(error instanceof Error);
  assert.equal(error.cause, cause);
  assert.equal(String(error), "MediaError: disk full");
  assert.match(String(error.stack), /errors\.test\.js/);
});

test("its context is its own", () => {
  const context = { path: "/a" };
  const error = new MediaError("ERR_FS", "", { context });
  context.path = "/b";
  assert.equal(error.context.path, "/a");
});

test("what is no MediaError is not taken for one", () => {
  for (const value of [
    null,
    undefined,
    "ERR_FS",
    {},
    { code: "ERR_FS" },
    new Error("x"),
    new MediaError("ERR_FS", "").toJSON(),
  ]) {
    assert.equal(isMediaError(value), false);
  }
});

test("fromJSON refuses what toJSON cannot have given", () => {
  for (const json of [null, undefined, 1, "ERR_FS", {}, { code: "ERR_FS" }, { code: 1, message: "x" }]) {
    assert.throws(() => MediaError.fromJSON(json), TypeError);
  }
});

test("the error of another copy of the package is recognised", async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "opencut-copy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(path.join(root, "lib/errors.js"), path.join(folder, "errors.mjs"));
  const other = await import(pathToFileURL(path.join(folder, "errors.mjs")).href);
  const error = new other.MediaError("ERR_FS", "x");
  assert.equal(error instanceof MediaError, false);
  assert.ok(isMediaError(error));
});
