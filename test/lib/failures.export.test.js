// Failures of the real addon as JavaScript sees them, on both sides of a trip through JSON.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { cut, exportVideo, isMediaError, MediaError, planExport, probe } from "@opencut/libav";
import { editOf, namesIn, shortEdit, small, temporaryFolder } from "../binding/support/footage.js";

const phases = ["planning", "rendering", "finalizing", "verifying"];
const out = () => path.join(temporaryFolder(), "out.mp4");
const base = { mediaBasePath: small.base };
const webm = { ...shortEdit, output: { ...shortEdit.output, format: "webm", codec: "h264" } };

/** Each code, by what makes the addon say it. */
const failures = {
  "ERR_BAD_ARGS: a config": () => exportVideo({ ...shortEdit, segments: [] }, { ...base, output: out() }),
  "ERR_BAD_ARGS: an option": () => exportVideo(shortEdit, { ...base, output: out(), threads: 0 }),
  "ERR_BAD_ARGS: a mode": () => planExport(shortEdit, { ...base, mode: /** @type {any} */ ("fast") }),
  "ERR_OUT_OF_RANGE: beyond the end": () =>
    exportVideo(editOf(small, [{ startTime: 60, endTime: 61 }]), { ...base, output: out() }),
  "ERR_OUT_OF_RANGE: backwards": () => planExport(editOf(small, [{ startTime: 2, endTime: 1 }]), base),
  "ERR_PROBE: no file": () => probe("/nowhere/a.mp4"),
  "ERR_PROBE: no media": () => {
    const file = path.join(temporaryFolder(), "text.mp4");
    writeFileSync(file, "not media at all\n".repeat(100));
    return cut(file, out());
  },
  "ERR_PLAN_UNSUPPORTED: a codec": () => planExport(webm, base),
  "ERR_PLAN_UNSUPPORTED: too expensive": () =>
    exportVideo(small.config, { ...base, output: out(), maxEncodedSeconds: 0.001 }),
  "ERR_FS: no folder": () => exportVideo(shortEdit, { ...base, output: "/nowhere/out.mp4" }),
};
const retryable = new Set(["ERR_EXEC", "ERR_VERIFY", "ERR_FS"]);

describe("a failure", () => {
  for (const [name, fail] of Object.entries(failures)) {
    test(name, async () => {
      const error = await fail().then(
        () => assert.fail("it did not fail"),
        (failure) => failure,
      );
      const [code] = name.split(":");
      assert.ok(error instanceof MediaError && isMediaError(error), error.stack);
      assert.equal(error.code, code, error.message);
      assert.equal(error.retryable, retryable.has(code));
      assert.ok(error.message.length > 10 && !/[\n\r]/.test(error.message), error.message);
      if (error.phase !== undefined) assert.ok(phases.includes(error.phase), error.phase);

      const { stack, ...there } = MediaError.fromJSON(JSON.parse(JSON.stringify(error)));
      const { stack: _, ...here } = error;
      assert.deepEqual(there, here);
      assert.ok(stack);
      // Whoever logs it sees where it was called from.
      if (!("bun" in process.versions)) assert.match(error.stack, /failures\.export\.test\.js/);
    });
  }

  test("names the segment and the source it is about", async () => {
    const segments = [
      { startTime: 0, endTime: 1 },
      { startTime: 0, endTime: 1, sourceIndex: 1 },
      { startTime: 100, endTime: 101, sourceIndex: 2 },
    ];
    const outOfRange = exportVideo(editOf(small, segments), { ...base, output: out() });
    await assert.rejects(outOfRange, (error) => {
      assert.deepEqual([error.context.segment, error.context.source], [2, 2]);
      return true;
    });
    const config = editOf(small, segments);
    config.sources = config.sources.map((source, i) => (i === 1 ? { ...source, filePath: "gone.mp4" } : source));
    await assert.rejects(exportVideo(config, { ...base, output: out() }), (error) => {
      assert.deepEqual([error.code, error.context.source], ["ERR_PROBE", 1]);
      assert.equal(error.context.path, path.join(small.base, "sources", "gone.mp4"));
      assert.equal(error.context.system, "ENOENT");
      return true;
    });
  });
});

describe("what the addon is given", () => {
  test("is read before the first callback and never written to", async () => {
    const folder = temporaryFolder();
    const config = structuredClone(shortEdit);
    const options = { ...base, output: path.join(folder, "out.mp4"), video: { crf: 20 } };
    const [before, optionsBefore] = [structuredClone(config), structuredClone(options)];
    const promise = exportVideo(Object.freeze(config), Object.freeze(options));
    assert.deepEqual([config, options], [before, optionsBefore]);
    config.segments.length = 0;
    options.video.crf = 99;
    await promise;
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
  });

  test("may name files by any characters", async () => {
    const folder = temporaryFolder();
    for (const name of ["ünï ☂ 😀.mp4", "%d %s $HOME 'q'.mp4", "-i.mp4", "a\nb.mp4", "?x=1#y.mp4", "c:o,m;p|l.mp4"]) {
      const { output } = await exportVideo(shortEdit, { ...base, output: path.join(folder, name) });
      assert.equal(output.path, path.join(folder, name));
      assert.ok(namesIn(folder).includes(name));
      await cut(path.join(folder, name), path.join(folder, `copy of ${name}`), { mode: "copy" });
    }
  });
});
