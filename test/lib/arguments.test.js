import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cut, exportVideo, isMediaError, planExport, probe } from "@opencut/libav";
import { lastJob, samples } from "./support/fake.js";

const { config } = samples;
const badArgs = (jsonPath) => (error) => {
  assert.ok(isMediaError(error), String(error));
  assert.deepEqual([error.code, error.context.jsonPath], ["ERR_BAD_ARGS", jsonPath]);
  assert.ok(error.message.startsWith(jsonPath));
  return true;
};

describe("wrong types are a TypeError that names the argument and the value", () => {
  const cases = {
    "input: expected a string, got 7": () => probe(7),
    "input: expected a string, got undefined": () => probe(),
    "options: expected an object, got 'fast'": () => probe("a", "fast"),
    "options: expected an object, got null": () => probe("a", null),
    "config: expected an object, got '{}'": () => exportVideo("{}"),
    "config: expected an object, got []": () => planExport([]),
    "config: expected an object, got undefined": () => planExport(),
    "options.signal: expected an AbortSignal, got {}": () => probe("a", { signal: {} }),
    "options.onLog: expected a function, got true": () => planExport(config, { onLog: true }),
    "options.onProgress: expected a function, got 'x'": () => exportVideo(config, { onProgress: "x" }),
    "options.threads: expected a number, got '4'": () => exportVideo(config, { threads: "4" }),
    "options.mode: expected a string, got null": () => exportVideo(config, { mode: null }),
    "options.overwrite: expected a boolean, got 1": () => exportVideo(config, { overwrite: 1 }),
    "options.allowedRoots: expected an array of strings, got '/a'": () => probe("a", { allowedRoots: "/a" }),
    "options.allowedProtocols: expected an array of strings, got [ 1 ]": () => probe("a", { allowedProtocols: [1] }),
    "options.video: expected an object, got 'h264'": () => exportVideo(config, { video: "h264" }),
    "options.video.crf: expected a number, got '18'": () => exportVideo(config, { video: { crf: "18" } }),
    "output: expected a string, got {}": () => cut("a.mp4", {}),
    "options.start: expected a number, got '0:10'": () => cut("a.mp4", "b.mp4", { start: "0:10" }),
  };
  for (const [message, call] of Object.entries(cases)) {
    test(message, () => assert.rejects(call, { name: "TypeError", message }));
  }
});

describe("options", () => {
  test("go to the addon as they are, paths made absolute, callbacks left out", async () => {
    const options = {
      mediaBasePath: "media",
      output: "out.mp4",
      mode: "hybrid",
      audio: "exact",
      video: { preset: "veryfast", crf: 18, bitrate: undefined },
      audioBitrate: 128_000,
      threads: 2,
      fallback: "fail",
      maxEncodedSeconds: 3.5,
      overwrite: false,
      verify: "full",
      allowedRoots: ["/media"],
      allowedProtocols: ["file"],
    };
    await exportVideo(config, {
      ...options,
      onLog() {},
      onProgress() {},
      signal: new AbortController().signal,
      extra: 1,
    });
    assert.deepEqual(lastJob().request.options, {
      ...options,
      mediaBasePath: path.resolve("media"),
      output: path.resolve("out.mp4"),
      video: { preset: "veryfast", crf: 18 },
    });
  });

  test("may be left out: relative paths then start from the working directory", async () => {
    await planExport(config);
    assert.deepEqual(lastJob().request.options, { mediaBasePath: process.cwd() });
    await probe("a.mp4");
    assert.deepEqual(lastJob().request, { input: "a.mp4", options: {} });
  });

  for (const value of [NaN, Infinity, -Infinity]) {
    test(`${value} is refused by name`, async () => {
      await assert.rejects(exportVideo(config, { threads: value }), badArgs("options.threads"));
      await assert.rejects(exportVideo(config, { video: { crf: value } }), badArgs("options.video.crf"));
      await assert.rejects(cut("a.mp4", "b.mp4", { end: value }), badArgs("options.end"));
    });
  }

  test("are never written to", async () => {
    const options = Object.freeze({ output: "x.mp4", video: Object.freeze({ crf: 20 }) });
    await exportVideo(Object.freeze(config), options);
    assert.equal(options.output, "x.mp4");
  });
});

/** Every place in the sample config that holds a plain value, with a way to get a config that has another there. */
function places(value = config, keys = []) {
  if (typeof value === "object") return Object.keys(value).flatMap((key) => places(value[key], [...keys, key]));
  const jsonPath = keys
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join("")
    .slice(1);
  const put = (replacement) => {
    const root = structuredClone(config);
    keys.slice(0, -1).reduce((parent, key) => parent[key], root)[keys.at(-1)] = replacement;
    return root;
  };
  return [{ jsonPath, put }];
}

describe("configs", () => {
  test("what JSON cannot say is refused, wherever it stands, by its place", async () => {
    const cyclic = {};
    cyclic.self = cyclic;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...places()),
        fc.constantFrom(
          NaN,
          Infinity,
          -Infinity,
          1n,
          () => {},
          Symbol("s"),
          new Date(),
          new Map(),
          cyclic,
          new Number(1),
        ),
        async (place, value) => {
          await assert.rejects(exportVideo(place.put(value)), badArgs(place.jsonPath));
          await assert.rejects(planExport(place.put(value)), badArgs(place.jsonPath));
        },
      ),
    );
  });

  test("an object in place of an array, and what is no object in place of one, are refused by their place", async () => {
    await assert.rejects(exportVideo({ ...config, sources: {} }), badArgs("sources"));
    await assert.rejects(exportVideo({ ...config, segments: [[]] }), badArgs("segments[0]"));
    await assert.rejects(exportVideo({ ...config, output: [] }), badArgs("output"));
    await assert.rejects(exportVideo({ ...config, output() {} }), badArgs("output"));
  });

  test("a valid one reaches the addon unchanged", async () => {
    await exportVideo(config);
    assert.deepEqual(lastJob().request.config, config);
    await exportVideo({ ...config, segments: [{ sourceIndex: 0, startTime: -0, endTime: 1e21 }] });
    assert.deepEqual(lastJob().request.config.segments, [{ sourceIndex: 0, startTime: 0, endTime: 1e21 }]);
  });

  test("a wrong value that JSON can say reaches the addon, which judges it", async () => {
    for (const value of [null, "7", -1, true, 1.5]) {
      await exportVideo({ ...config, version: value });
      assert.equal(lastJob().request.config.version, value);
    }
  });

  test("unknown keys are ignored, whatever they hold", async () => {
    const cyclic = { big: 1n, not: NaN };
    cyclic.self = cyclic;
    await exportVideo({ ...config, cache: cyclic, output: { ...config.output, cache: cyclic } });
    assert.deepEqual(lastJob().request.config, config);
  });

  test("half a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD", async () => {
    await exportVideo({ ...config, projectName: "a\ud800b" });
    assert.equal(lastJob().request.config.projectName, "a\ufffdb");
  });
});

describe("cut", () => {
  test("is an export of one source and one segment", async () => {
    await cut("in.mov", "out.mp4", { start: 1.5, end: 2.5, mode: "copy", codec: "copy", includeAudio: false });
    const { kind, request } = lastJob();
    assert.equal(kind, "export");
    assert.deepEqual(request.config.sources, [{ id: "input", name: "in.mov", filePath: path.resolve("in.mov") }]);
    assert.deepEqual(request.config.segments, [{ sourceIndex: 0, startTime: 1.5, endTime: 2.5 }]);
    assert.deepEqual(request.config.output, {
      filePath: path.resolve("out.mp4"),
      format: "mp4",
      codec: "copy",
      includeAudio: false,
    });
    assert.deepEqual(request.options, { mode: "copy", mediaBasePath: process.cwd() });
  });

  test("without an end it goes on to the end of the file", async () => {
    await cut("in.mov", "out.m4v");
    const { config: sent, options } = lastJob().request;
    assert.deepEqual(sent.segments, [{ sourceIndex: 0, startTime: 0, endTime: 1e9 }]);
    assert.equal(options.clampSilently, true);
  });

  test("takes the format from the output's name", async () => {
    await cut("in.webm", "out.WebM");
    assert.equal(lastJob().request.config.output.format, "webm");
    for (const name of ["out.mkv", "out", "mp4"]) {
      await assert.rejects(
        cut("in.mp4", name),
        (error) => error.code === "ERR_BAD_ARGS" && error.context.path === name,
      );
    }
  });

  test("leaves a URL alone", async () => {
    await cut("https://example.org/a.mp4", "out.mp4", { allowedProtocols: ["https"] });
    assert.equal(lastJob().request.config.sources[0].filePath, "https://example.org/a.mp4");
  });
});
