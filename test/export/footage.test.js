// Mode hybrid on footage of every kind: each picture the one that the timeline rule puts there, copied as far as the
// sources' IDR pictures allow, the sound to the sample.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { readTracks } from "../support/verify/container.mjs";
import { parameterSets, unitType } from "../support/verify/mp4.mjs";
import { cutFrom, exportAndCheck } from "./exporting.js";

// Pictures that can be left over at the end of a copy: they wait for one that is behind the cut.
const reorderDepth = 3;

/**
 * What is decoded and encoded at most: for each run, less than a GOP in front of the first IDR picture it holds, and what
 * is left over at its end, for which up to a GOP is decoded.
 */
function assertLittleWork(report, gop) {
  const runs = report.runs.length;
  const { framesEncoded } = report.output;
  assert.ok(framesEncoded <= runs * (gop - 1 + reorderDepth), `${framesEncoded} encoded`);
  assert.ok(report.framesDecoded <= 2 * runs * (gop + reorderDepth), `${report.framesDecoded} decoded`);
}

const kinds = {
  "three cameras": {},
  "cameras with clocks and phases of their own": { phase: true, offset: true },
  "a keyframe every 250 pictures": { gop: 250, seconds: 12 },
  "25 pictures per second": { fps: ["25"] },
  "30000/1001 pictures per second": { fps: ["30000/1001"] },
  "60 pictures per second": { fps: ["60"], seconds: 4 },
  "jumps in time": { jump: true },
  "sound at two rates": { rates: ["48000", "44100"] },
  "no B pictures": { profiles: ["baseline"] },
  "no CABAC": { profiles: ["cavlc"] },
  "155 segments": { segments: 155, seconds: 14 },
  "a camera without sound": { rates: ["48000", "0"] },
  MOV: { container: "mov" },
  "Matroska, whose clock counts milliseconds": { container: "mkv" },
  "Matroska that jumps back in time": { container: "mkv", jump: true },
  HEVC: { codec: "libx265", gop: 15 },
  "HEVC in open GOPs": { codec: "libx265", gop: 15, openGop: true, phase: true, offset: true },
};

describe("hybrid, copied as far as can be", () => {
  for (const [name, options] of Object.entries(kinds)) {
    test(name, async () => {
      const set = await makeMulticam(options);
      const { report } = await exportAndCheck(set, {}, { minCopied: "auto" });
      assertLittleWork(report, set.options.gop);
      assert.equal(report.mode, "hybrid");
    });
  }
});

describe("hybrid, copied where the sources fit together", () => {
  const mixed = {
    "30, 30000/1001 and 25 pictures per second": { fps: ["30", "30000/1001", "25"] },
    "encoders of three makes": { profiles: ["high", "baseline", "cavlc"] },
  };
  for (const [name, options] of Object.entries(mixed)) {
    test(name, async () => {
      const set = await makeMulticam(options);
      const { report } = await exportAndCheck(set);
      assert.ok(report.output.framesCopied > 0);
    });
  }

  test("HEVC in open GOPs by encoders of three makes, back and forth: one header, each of them copied", async () => {
    const makes = { profiles: ["pyramid", "plain", "slices"], gop: 8, openGop: true, phase: true };
    const set = await makeMulticam({ codec: "libx265", speed: "ultrafast", seconds: 4, segments: 12, ...makes });
    const { report, facts, output } = await exportAndCheck(set, {}, { minCopied: "auto" });
    const copied = report.runs.filter(({ steps }) => steps.some(({ kind }) => kind === "copy"));
    assert.deepEqual([...new Set(copied.map(({ source }) => source))].sort(), [0, 1, 2]);
    assert.ok(report.runs.length >= 10);
    assert.ok(facts.identicalFrames >= report.output.framesCopied);
    assertLittleWork(report, set.options.gop);
    const [{ configuration }] = readTracks(output);
    const kinds = parameterSets(configuration, "hevc").map((unit) => unitType(unit, "hevc"));
    // Of the cameras and of the encoder between: one VPS, SPS and PPS each.
    assert.deepEqual(kinds.sort(), [32, 33, 34].flatMap((kind) => Array(4).fill(kind)));
  });

  test("a codec that is neither H.264 nor HEVC is encoded anew, and the plan says why", async () => {
    const set = await makeMulticam({ cameras: 1 });
    const file = path.join(temporaryFolder(), "mpeg4.mp4");
    await ffmpeg(["-i", set.sources[0], ...words("-c:v mpeg4 -q:v 2 -bf 2 -c:a copy"), file]);
    const { report } = await exportAndCheck(cutFrom(file, [[0.31, 2.2], [3, 4.1]]));
    assert.equal(report.output.framesCopied, 0);
    assert.ok(report.runs.every(({ steps }) => steps.every(({ reason }) => reason.includes("mpeg4"))));
  });

  test("a portrait at another rate beside it is brought to the others' shape, each picture at its own time", async () => {
    const [cameras, portrait] = await Promise.all([
      makeMulticam({}),
      makeMulticam({ cameras: 1, size: "240x320", fps: ["25"] }),
    ]);
    const { sources, segments } = cameras.config;
    const edit = { ...cameras.config, sources: [...sources, { ...sources[0], id: "four", filePath: portrait.sources[0] }] };
    edit.segments = segments.slice(0, 2).concat({ sourceIndex: 3, startTime: 1.23, endTime: 2.6, audioFromSource: true }, segments.slice(2));
    const { report } = await exportAndCheck({ base: cameras.base, config: edit }, { onLog: () => {} });
    const reencoded = report.runs.filter(({ source }) => source === 3).flatMap(({ steps }) => steps);
    assert.deepEqual(
      reencoded.map(({ kind, reason }) => [kind, reason.includes("size")]),
      [["encode", true]],
    );
    assert.ok(report.output.framesCopied > report.output.framesEncoded);
  });

  test("Matroska without an index that begins in mid-GOP: from its first keyframe on", async () => {
    const set = await makeMulticam({ cameras: 1 });
    const file = path.join(temporaryFolder(), "begun-late.mkv");
    const late = words("-c copy -bsf:v noise=drop='lt(n,4)' -f matroska pipe:1");
    const { pipes } = await ffmpeg(["-i", set.sources[0], ...late]);
    writeFileSync(file, pipes[0]);
    await exportAndCheck(cutFrom(file, [[3.1, 4.2], [0.9, 2.31], [2.1, 2.93]]));
  });

  test("AVI whose index calls no sound a keyframe, so that nothing can seek in it", async () => {
    const set = await makeMulticam({ cameras: 1 });
    const file = path.join(temporaryFolder(), "no-keyframes.avi");
    await ffmpeg(["-i", set.sources[0], ...words("-c:v mjpeg -q:v 2 -c:a pcm_s16le"), file]);
    const bytes = readFileSync(file);
    // Entries of idx1: fourcc, flags, offset, length.
    const entries = bytes.lastIndexOf("idx1") + 8;
    for (let at = entries; at + 16 <= bytes.length; at += 16)
      if (bytes.toString("latin1", at, at + 4) === "01wb") bytes.writeUInt32LE(0, at + 4);
    writeFileSync(file, bytes);
    await exportAndCheck(cutFrom(file, [[3.1, 4.2], [0, 1.3], [2.1, 2.9]]));
  });

  test("HEVC beside H.264: the one there is more of is copied, the other brought to its shape", async () => {
    const [hevc, h264] = await Promise.all([
      makeMulticam({ cameras: 1, codec: "libx265", gop: 15 }),
      makeMulticam({ cameras: 1 }),
    ]);
    const edit = cutFrom(hevc.sources[0], [[0.31, 3.2], [3.7, 5.5]]);
    edit.config.sources.push({ id: "two", name: "Two", filePath: h264.sources[0] });
    edit.config.segments.splice(1, 0, { sourceIndex: 1, startTime: 1.1, endTime: 2.3, audioFromSource: true });
    const { report } = await exportAndCheck(edit, { onLog: () => {} });
    assert.equal(report.output.codec, "hevc");
    const kinds = report.runs.map(({ steps }) => steps.some(({ kind }) => kind === "copy"));
    assert.deepEqual(kinds, [true, false, true]);
    assert.deepEqual(
      report.warnings.map(({ code, segment }) => [code, segment]),
      [["SOURCE_REENCODED", 1]],
    );
  });
});
