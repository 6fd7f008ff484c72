// Mode hybrid on cuts of every kind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { editOf, large, small, temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { ffprobe } from "../support/ffmpeg.mjs";
import { exportAndCheck } from "./exporting.js";

// The small cameras: 180 pictures at 30 per second, each 30th an IDR picture.
const fps = 30;
const last = 180;
const at = (picture) => picture / fps;

/** Of the first camera, unless `others` say. @param {[first: number, end: number, others?: object][]} spans Pictures. */
const pictures = (...spans) => ({
  base: small.base,
  config: editOf(
    small,
    spans.map(([first, end, others]) => ({ startTime: at(first), endTime: at(end), ...others })),
  ),
});

const streamsOf = async (file) => (await ffprobe(["-show_streams", file])).streams;

describe("a segment", () => {
  const edits = {
    "of one picture": pictures([45, 46]),
    "of one IDR picture": pictures([60, 61]),
    "of the first picture": pictures([0, 1]),
    "of the last picture": pictures([last - 1, last]),
    "of the whole file": pictures([0, last]),
    "of two pictures around an IDR picture": pictures([59, 61]),
    "within one GOP": pictures([65, 80]),
    "that comes twice": pictures([40, 95], [40, 95]),
    "that comes after a later one": pictures([100, 160], [20, 70], [0, 20]),
    "between an IDR picture and the file's end": pictures([90, last]),
  };
  for (const [name, edit] of Object.entries(edits)) {
    test(name, async () => {
      const { facts } = await exportAndCheck(edit, {}, { minCopied: "auto" });
      const asked = edit.config.segments.reduce((sum, s) => sum + s.endTime - s.startTime, 0);
      assert.equal(facts.frames, Math.round(asked * fps));
    });
  }

  test("that begins and ends anywhere around an IDR picture", async () => {
    const around = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
    const ends = around.map((k) => /** @type {[number, number]} */ ([48, 90 + k]));
    const begins = around.map((k) => /** @type {[number, number]} */ ([60 + k, 95]));
    await exportAndCheck(pictures(...ends, ...begins), {}, { minCopied: "auto" });
  });

  test("that lies between pictures begins and ends with the nearest", async () => {
    const between = [0.1, 0.49, 0.51, 0.9].map((k) => /** @type {[number, number]} */ ([40 + k, 80 - k]));
    await exportAndCheck(pictures(...between), {}, { minCopied: "auto" });
  });

  test("beyond the file's end is cut there, with a warning", async () => {
    const { report, facts } = await exportAndCheck(pictures([150, last + 60]));
    assert.equal(facts.frames, 30);
    assert.deepEqual(
      report.warnings.map(({ code }) => code),
      ["END_CLAMPED"],
    );
  });

  test("shorter than a picture counts within a run, and is dropped alone", async () => {
    const within = pictures([40, 40.2], [40.2, 40.3], [40.3, 50]);
    assert.equal((await exportAndCheck(within)).facts.frames, 10);
    const alone = pictures([40, 50], [70, 70.2], [10, 20, { sourceIndex: 1 }]);
    const { report, facts } = await exportAndCheck(alone);
    assert.equal(facts.frames, 20);
    assert.deepEqual(
      report.warnings.map(({ code, segment }) => [code, segment]),
      [["SEGMENT_DROPPED", 1]],
    );
  });
});

describe("cuts on IDR pictures only", () => {
  const edit = pictures([30, 90], [0, 60, { sourceIndex: 1 }], [120, last, { sourceIndex: 2 }]);

  test("decode and encode no picture and open no encoder", async () => {
    const { base, config } = edit;
    const silent = { base, config: { ...config, output: { ...config.output, includeAudio: false } } };
    const lines = [];
    const { report, facts } = await exportAndCheck(silent, { onLog: (line) => lines.push(line) });
    assert.equal(report.output.framesEncoded, 0);
    assert.equal(report.framesDecoded, 0);
    assert.equal(facts.identicalFrames, facts.frames);
    assert.deepEqual(
      lines.filter(({ component }) => component === "libx264"),
      [],
    );
    // What shows that a picture's encoder would have been heard of.
    const encoding = [];
    await exportAndCheck(pictures([35, 40]), { onLog: (line) => encoding.push(line.component) });
    assert.ok(encoding.includes("libx264"));
  });

  test("with sound as well", async () => {
    const { report } = await exportAndCheck(edit);
    assert.equal(report.output.framesEncoded, 0);
  });
});

describe("neighbouring segments that continue in one source", () => {
  const whole = pictures([37, 141]);

  test("give the file that one segment gives, to the byte", async () => {
    const parts = pictures([37, 60], [60, 88.4], [88.4, 88.6], [88.6, 141]);
    const files = await Promise.all([whole, parts].map((edit) => exportAndCheck(edit)));
    const [one, several] = files.map(({ output }) => readFileSync(output));
    assert.ok(one.equals(several));
  });

  test("are cut where one of them is not heard", async () => {
    const parts = pictures([37, 75], [75, 141, { audioFromSource: false }]);
    const { report } = await exportAndCheck(parts);
    assert.equal(report.runs.length, 2);
  });
});

describe("sound", () => {
  test("that is not heard is silent in its place, and the rest is where it was", async () => {
    const edit = pictures([10, 70], [80, 130, { sourceIndex: 1, audioFromSource: false }], [60, 120, { sourceIndex: 2 }]);
    const { facts } = await exportAndCheck(edit, { audio: "exact" });
    assert.equal(facts.soundMeasured, 2);
  });

  const without = {
    "includeAudio is false": () => {
      const { base, config } = pictures([10, 70]);
      return { base, config: { ...config, output: { ...config.output, includeAudio: false } } };
    },
    "no segment is heard": () => pictures([10, 70, { audioFromSource: false }]),
  };
  for (const [name, edit] of Object.entries(without)) {
    test(`there is no stream of it where ${name}`, async () => {
      const { output, report } = await exportAndCheck(edit());
      assert.deepEqual(
        (await streamsOf(output)).map(({ codec_type: type }) => type),
        ["video"],
      );
      assert.equal(report.audio, null);
    });
  }

  test("there is no stream of it where no source has any, whatever the config says", async () => {
    const set = await makeMulticam({ rates: ["0"], cameras: 1 });
    assert.ok(set.config.sources[0].hasAudio);
    const { output, report } = await exportAndCheck(set);
    assert.equal((await streamsOf(output)).length, 1);
    assert.deepEqual(
      report.warnings.map(({ code }) => code),
      ["AUDIO_MISSING"],
    );
  });
});

describe("the same export", () => {
  test("gives the same bytes, however many threads it has", async () => {
    const base = { mediaBasePath: small.base };
    const files = await Promise.all(
      [1, 2, 4].map(async (threads) => {
        const output = path.join(temporaryFolder(), "out.mp4");
        await exportVideo(small.config, { ...base, output, threads });
        return readFileSync(output);
      }),
    );
    assert.ok(files[0].equals(files[1]) && files[0].equals(files[2]));
  });

  test("at 1080p, too, shows what the timeline rule says", async () => {
    const segments = [
      { startTime: 0.41, endTime: 1.2 },
      { startTime: 1.7, endTime: 2.93 },
    ];
    await exportAndCheck({ base: large.base, config: editOf(large, segments) }, {}, { minCopied: "auto" });
  });
});
