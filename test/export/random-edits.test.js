// Random edits of footage of many kinds: every picture is the one that the timeline rule puts there, told by what is
// drawn into it; what is copied decodes to the source's very bits; a strict decoder has nothing to say.
// OPENCUT_TEST_CASES=5000 runs as many, OPENCUT_TEST_SEED=7 others; CI runs twice as many as npm test.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { barcodeReader, barcodesOf } from "../support/barcode.mjs";
import { attempt, ffprobe, words } from "../support/ffmpeg.mjs";
import { inspect } from "../support/verify/container.mjs";
import { exactPictures, grainsPerSecond, inGrains, placeRuns } from "../support/verify/timeline-rule.mjs";

const seconds = 4;
const kinds = [
  {},
  { phase: true, offset: true, profiles: ["high", "baseline", "cavlc"] },
  { openGop: true },
  { openGop: true, phase: true, profiles: ["high", "cavlc"], fps: ["30000/1001"] },
  { openGop: true, container: "mkv" },
  { fps: ["30", "30000/1001", "25"] },
  { gop: 250 },
  { gop: 1 },
  { container: "mkv", fps: ["60"] },
  { container: "mov", gop: 7 },
  { codec: "libx265", gop: 15 },
  { codec: "libx265", gop: 15, openGop: true, phase: true },
  { codec: "libx265", speed: "ultrafast", gop: 8, openGop: true, phase: true, profiles: ["pyramid", "plain", "slices"] },
];
const cases = Number(process.env.OPENCUT_TEST_CASES ?? (process.env.CI ? 100 : 50));
const perKind = Math.max(1, Math.ceil(cases / kinds.length));

/** A file's pictures in the order shown: when, their hashes, and what is drawn into them. One strict decode. */
async function picturesOf(file, width) {
  const strict = words("-v warning -xerror -err_detect explode -copyts -noautorotate");
  const each = words("-map 0:v:0 -fps_mode passthrough -enc_time_base -1");
  const args = [...strict, "-i", file, ...each, ...words("-f framemd5 pipe:1"), ...each];
  const ran = await attempt("ffmpeg", ["-nostdin", ...args, "-vf", barcodeReader(width), ...words("-f rawvideo pipe:3")], {
    extraPipes: 1,
  });
  // Newer versions have another word for -1, which older ones do not know.
  assert.equal(ran.log.replace(/^.* -enc_time_base -1 is deprecated.*\n/gm, ""), "");
  const text = ran.pipes[0].toString();
  const [num, den] = /^#tb 0: (\d+)\/(\d+)/m.exec(text).slice(1).map(BigInt);
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const fields = lines.map((line) => line.split(",").map((field) => field.trim()));
  return {
    timeBase: [num, den],
    ticks: fields.map(([, , pts]) => BigInt(pts)),
    hashes: fields.map((field) => field.at(-1)),
    barcodes: barcodesOf(ran.pipes[1]),
  };
}

/** As picturesOf(), with which are keyframes and how long the last lasts. */
async function knownSource(file, { size, container, fps }, camera) {
  const pictures = await picturesOf(file, parseInt(size, 10));
  const { packetsOf, video, audio } = await inspect(file);
  const packets = [...packetsOf(video)].sort((a, b) => a.pts - b.pts);
  // An edit list may cut the last one short, which the sample's own duration does not say.
  const { packets: read } = await ffprobe([...words("-select_streams v:0 -show_packets"), file]);
  const last = read.reduce((a, b) => (b.pts > a.pts ? b : a));
  return {
    ...pictures,
    // Sound may begin before the first picture, with its priming.
    origin: Math.min(Number(video.start_time), Number(audio?.start_time ?? Infinity)),
    lastDuration: BigInt(Math.min(packets.at(-1).duration, last.duration ?? Infinity)),
    keys: packets.flatMap(({ key }, i) => (key ? [i] : [])),
    // Milliseconds stand for a rate there.
    rate: container === "mkv" ? fps[camera % fps.length].split("/").map(BigInt) : null,
  };
}

function clockOf({ ticks, timeBase: [num, den], origin, lastDuration, rate }, grains) {
  const told = ticks.map((tick) => (tick * num * grains) / den - inGrains(origin, grains));
  if (!rate) return { starts: told, end: told.at(-1) + (lastDuration * num * grains) / den };
  const place = (i) => told[0] + (BigInt(i) * grains * (rate[1] ?? 1n)) / rate[0];
  return { starts: told.map((_, i) => place(i)), end: place(told.length) };
}

// In Matroska the first picture is late: sound has priming there. How long it is held is no whole number of pictures.
const segmentOf = (cameras, { container }) =>
  fc
    .record({
      sourceIndex: fc.nat(cameras - 1),
      start: fc.integer({ min: container === "mkv" ? 60 : 0, max: seconds * 1000 - 60 }),
      length: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 120, max: 1800 })),
      heard: fc.boolean(),
    })
    .map(({ sourceIndex, start, length, heard }) => ({
      sourceIndex,
      startTime: start / 1000,
      endTime: Math.min(start + length, seconds * 1000 + 20) / 1000,
      audioFromSource: heard,
    }));

/** How many pictures need no re-encoding: those of each run from its first keyframe on, less a row of B pictures. */
const copyable = (runs, sources, { codec }) =>
  runs.reduce((sum, { source, first, last }) => {
    const key = sources[source].keys.find((frame) => frame >= first);
    return sum + (key === undefined ? 0 : Math.max(0, last - key - (codec === "libx265" ? 4 : 3)));
  }, 0);

async function check(set, sources, segments) {
  const output = path.join(temporaryFolder(), "out.mp4");
  const grains = grainsPerSecond([...sources.map(({ timeBase }) => timeBase), [1n, 240_000n], [1n, 90_000n]]);
  const clocks = new Map(sources.map((source, i) => [i, clockOf(source, grains)]));
  const { runs } = placeRuns(segments, clocks, grains);
  const expected = exactPictures(runs, clocks);
  const exporting = exportVideo({ ...set.config, segments }, { mediaBasePath: set.base, output, mode: "hybrid" });
  if (expected.length === 0) return assert.rejects(exporting, { code: "ERR_OUT_OF_RANGE" });
  const { output: made } = await exporting;

  const shown = await picturesOf(output, parseInt(set.options.size, 10));
  assert.deepEqual(
    shown.barcodes,
    expected.map(({ run, frame }) => sources[run.source].barcodes[frame]),
  );
  const [num, den] = shown.timeBase;
  const off = shown.ticks.map((tick, i) => Number((tick * num * grains) / den - expected[i].time) / Number(grains));
  assert.ok(Math.max(...off.map(Math.abs)) <= 0.0005, `pictures are displaced by up to ${Math.max(...off.map(Math.abs))} s`);
  const same = shown.hashes.filter((hash, i) => sources[expected[i].run.source].hashes[expected[i].frame] === hash).length;
  assert.ok(same >= made.framesCopied, `${same} are the source's, ${made.framesCopied} are said to be copied`);
  const least = copyable(runs, sources, set.options);
  assert.ok(made.framesCopied >= least, `${made.framesCopied} copied, not ${least}`);
}

describe("random edits are exact", () => {
  for (const kind of kinds) {
    test(JSON.stringify(kind), async () => {
      const set = await makeMulticam({ seconds, segments: 2, size: "320x180", ...kind });
      const sources = await Promise.all(set.sources.map((file, camera) => knownSource(file, set.options, camera)));
      const edits = fc.array(segmentOf(sources.length, set.options), { minLength: 1, maxLength: 9 });
      await fc.assert(
        fc.asyncProperty(edits, (segments) => check(set, sources, segments)),
        { numRuns: perKind, seed: Number(process.env.OPENCUT_TEST_SEED ?? 1), includeErrorInReport: true },
      );
    });
  }
});
