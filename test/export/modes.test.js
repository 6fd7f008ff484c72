// The modes that are not frame-exact copies: packets only, and everything encoded anew.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { editOf, small } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { ffprobe } from "../support/ffmpeg.mjs";
import { exportAndCheck } from "./exporting.js";

// Encoding all of it takes its time.
const short = await makeMulticam({ seconds: 3, segments: 4 });

describe("mode copy", () => {
  const kinds = {
    "three cameras": {},
    "jumps in time, clocks and phases": { jump: true, phase: true, offset: true },
    "a keyframe every 250 pictures": { gop: 250, seconds: 12 },
    "encoders of three makes": { profiles: ["high", "baseline", "cavlc"] },
    "three rates": { fps: ["30", "30000/1001", "25"] },
    Matroska: { container: "mkv" },
    MOV: { container: "mov" },
  };
  for (const [name, options] of Object.entries(kinds)) {
    test(name, async () => {
      const set = await makeMulticam(options);
      const { report, facts } = await exportAndCheck(set, { mode: "copy" });
      assert.deepEqual([report.output.framesEncoded, report.framesDecoded], [0, 0]);
      assert.equal(facts.identicalFrames, facts.frames);
      assert.equal(report.audio.mode, "copy");
    });
  }

  test("of open GOPs begins at I pictures that are made IDR", async () => {
    const { report } = await exportAndCheck(await makeMulticam({ openGop: true }), { mode: "copy" });
    assert.equal(report.output.framesEncoded, 0);
  });

  test("with sound encoded, on the copied pictures' timeline", async () => {
    const { report } = await exportAndCheck(small, { mode: "copy", audio: "exact" });
    assert.equal(report.audio.mode, "exact");
  });
});

describe("mode reencode", () => {
  const canvas = (output) => ({ ...short, config: { ...short.config, output: { ...short.config.output, ...output } } });
  const canvases = {
    "to another size and rate": { width: 1280, height: 720, fps: 25, codec: "h264" },
    "to another aspect": { width: 300, height: 300, fps: 30, codec: "h264" },
    "to a portrait": { width: 180, height: 320, fps: 30000 / 1001, codec: "h264" },
    "to H.265": { width: 640, height: 360, fps: 24, codec: "h265" },
    "to fewer pictures": { width: 320, height: 180, fps: 10, codec: "h264" },
    "to more pictures": { width: 320, height: 180, fps: 60, codec: "h264" },
  };
  for (const [name, output] of Object.entries(canvases)) {
    test(name, async () => {
      const { report, facts } = await exportAndCheck(canvas(output), { mode: "reencode" });
      assert.equal(report.output.framesCopied, 0);
      assert.equal(facts.frames, Math.round(short.options.seconds * output.fps));
    });
  }

  test("to WebM", async () => {
    const { base, config } = small;
    const webm = { ...config, output: { ...config.output, format: "webm" } };
    const { report, facts } = await exportAndCheck({ base, config: webm }, { mode: "reencode" });
    assert.deepEqual([report.output.codec, report.audio.codec], ["vp9", "opus"]);
    assert.equal(facts.frames, 180);
  });

  test("is what a codec other than copy stands for", async () => {
    const { report } = await exportAndCheck(canvas({ codec: "h264" }), { mode: "auto" }, { mode: "reencode", maxLagMs: 1 });
    assert.equal(report.mode, "reencode");
  });

  test("at a bit rate", async () => {
    const { output } = await exportAndCheck(
      canvas({ width: 640, height: 360, fps: 30, codec: "h264" }),
      { mode: "reencode", video: { bitrate: 800_000 } },
      { minPsnr: 25 },
    );
    const [{ bit_rate: rate }] = (await ffprobe(["-select_streams", "v", "-show_streams", output])).streams;
    assert.ok(Number(rate) > 600_000 && Number(rate) < 1_000_000, rate);
  });

  test("of sources of every shape, on one canvas", async () => {
    const sets = await Promise.all([
      makeMulticam({ cameras: 1, seconds: 2, size: "320x180", fps: ["30"] }),
      makeMulticam({ cameras: 1, seconds: 2, size: "240x320", fps: ["25"], codec: "libx265" }),
      makeMulticam({ cameras: 1, seconds: 2, size: "400x160", fps: ["24"], container: "mkv", rates: ["44100"] }),
    ]);
    const config = editOf(
      { config: { ...small.config, output: { ...small.config.output, fps: 25, codec: "h264" } } },
      [0, 1, 2].map((sourceIndex) => ({ sourceIndex, startTime: 0.31, endTime: 1.5 })),
    );
    config.sources = sets.map((set, i) => ({ ...small.config.sources[i], filePath: set.sources[0] }));
    await exportAndCheck({ base: small.base, config }, { mode: "reencode" });
  });
});
