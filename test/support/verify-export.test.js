// The checker is right only if it passes what is right and fails what is wrong: both are made here by the
// ffmpeg command line.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { readBarcodes } from "./barcode.mjs";
import { ffmpeg, words } from "./ffmpeg.mjs";
import { verifyExport } from "./verify/verify-export.mjs";

// At 30 pictures per second, by hand. The joints lie at 0.54 and 1.29 s on the output, that is 16.2 and 38.7
// pictures, so 16 and 39; the end at 1.99 s, 59.7 pictures, so 60. The in points are 0.61 s, picture 18.3;
// 1.15 s less the 0.2 pictures that the joint is early, picture 34.3; 2.2 s and the 0.3 pictures it is late,
// picture 66.3.
const runs = [
  { camera: 0, first: 18, last: 34, start: 0.61, end: 1.15 },
  { camera: 1, first: 34, last: 57, start: 1.15, end: 1.9 },
  { camera: 0, first: 66, last: 87, start: 2.2, end: 2.9 },
];
const segments = runs.map(({ camera, start, end }) => ({
  sourceIndex: camera,
  startTime: start,
  endTime: end,
  audioFromSource: true,
}));

let set;
let folder;
let config;
let right; // An export without fault, made once.
let made = 0;

before(async () => {
  set = await makeMulticam({ cameras: 2, seconds: 3, gop: 10 });
  folder = mkdtempSync(path.join(os.tmpdir(), "verify-"));
  config = { ...set.config, segments };
  right = await exported();
});
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * An export as the ffmpeg command line would make it, with what `change` does to a run or to the arguments.
 * @param {{ run?: (run: object, i: number) => object, sound?: string, args?: string[], flags?: string }} [change]
 */
async function exported({
  run = (r) => r,
  sound = "anull",
  pictures = "null",
  quality = "-crf 12",
  args = [],
  flags = "+faststart",
} = {}) {
  const file = path.join(folder, `${made++}.mp4`);
  const changed = runs.map((r, i) => ({ gain: 1, hear: r.camera, ...run({ ...r }, i) }));
  const parts = changed.flatMap((r, i) => [
    `[${r.camera}:v]trim=start_frame=${r.first}:end_frame=${r.last},setpts=PTS-STARTPTS[v${i}]`,
    `[${r.hear}:a]atrim=start=${r.start}:end=${r.end},asetpts=PTS-STARTPTS,volume=${r.gain}[a${i}]`,
  ]);
  // Pictures and sound apart: together, the filter would make each pair equally long.
  const joined = (kind) =>
    changed.map((_, i) => `[${kind}${i}]`).join("") +
    `concat=n=${changed.length}:v=${kind === "v" ? 1 : 0}:a=${kind === "a" ? 1 : 0}`;
  const graph = [...parts, `${joined("v")},${pictures}[picture]`, `${joined("a")},${sound}[sound]`].join(";");
  const inputFiles = set.sources.flatMap((source) => ["-i", source]);
  const maps = words("-map [picture] -map [sound]");
  const encode = words(`-c:v libx264 -preset ultrafast -bf 2 ${quality} -c:a aac -b:a 256k -movflags ${flags}`);
  await ffmpeg([...inputFiles, "-filter_complex", graph, ...maps, ...encode, ...args, file]);
  return file;
}

const verify = async (output, options) =>
  verifyExport({ config, output, mediaBase: set.base, maxLagMs: 1, randomAccess: false, ...options });
const codes = ({ findings }) => [...new Set(findings.map((finding) => finding.code))].sort();

describe("a right export", () => {
  it("has no findings, and shows by its barcodes the pictures it was checked against", async () => {
    const { findings, facts } = await verify(right, { randomAccess: true });
    assert.deepEqual(findings, []);
    assert.deepEqual([facts.frames, facts.soundMeasured, facts.soundLagMs], [60, 3, 0]);
    const expected = runs.flatMap((r) =>
      Array.from({ length: r.last - r.first }, (_, i) => ({ frame: r.first + i, camera: r.camera })),
    );
    assert.deepEqual(await readBarcodes(right, 320), expected);
  });

  it("has no findings with pictures that decode to the source's bits", async () => {
    const { findings, facts } = await verify(await exported({ quality: "-qp 0" }), { minCopied: 1 });
    assert.deepEqual(findings, []);
    assert.equal(facts.identicalFrames, 60);
  });

  it("has no findings at a rate and a size of its own", async () => {
    // Ten pictures per second show every third of thirty, beginning with the second.
    const output = { ...config.output, fps: 10, width: 160, height: 120 };
    const asked = { ...config, output, segments: [{ sourceIndex: 0, startTime: 1, endTime: 2 }] };
    const pictures =
      "trim=start_frame=30:end_frame=60,select='eq(mod(n,3),1)',setpts=N/10/TB,scale=160:90,pad=160:120:0:15";
    const graph = `[0:v]${pictures}[v];[0:a]atrim=1:2,asetpts=PTS-STARTPTS[a]`;
    const file = path.join(folder, "resampled.mp4");
    const encode = words("-map [v] -map [a] -r 10 -c:v libx264 -crf 12 -c:a aac -movflags +faststart");
    await ffmpeg(["-i", set.sources[0], "-filter_complex", graph, ...encode, file]);
    assert.deepEqual((await verify(file, { config: asked, mode: "reencode" })).findings, []);
    const faster = { ...asked, output: { ...output, fps: 15 } };
    assert.ok(codes(await verify(file, { config: faster, mode: "reencode" })).includes("FRAME_COUNT"));
  });

  it("has no findings as whole GOPs copied, which the exact check does not take", async () => {
    const simple = await makeMulticam({ cameras: 1, seconds: 4, profiles: ["baseline"] });
    const asked = { ...simple.config, segments: [{ sourceIndex: 0, startTime: 1.4, endTime: 3 }] };
    const file = path.join(folder, "copied.mp4");
    await ffmpeg(["-ss", "1", "-t", "2", "-i", simple.sources[0], "-c", "copy", "-movflags", "+faststart", file]);
    assert.deepEqual((await verify(file, { config: asked, mediaBase: simple.base, mode: "copy" })).findings, []);
    assert.ok(codes(await verify(file, { config: asked, mediaBase: simple.base })).includes("FRAME_COUNT"));
    const other = { ...asked, segments: [{ sourceIndex: 0, startTime: 2.4, endTime: 4 }] };
    assert.deepEqual(codes(await verify(file, { config: other, mediaBase: simple.base, mode: "copy" })), [
      "COPIED_RUN",
    ]);
  });
});

describe("wrong pictures are found:", { concurrency: 2 }, () => {
  const cases = [
    [
      "a run that begins a frame early",
      { run: (r, i) => (i === 1 ? { ...r, first: r.first - 1, last: r.last - 1 } : r) },
      ["WRONG_FRAME"],
    ],
    [
      "a run that begins a frame late",
      { run: (r, i) => (i === 2 ? { ...r, first: r.first + 1, last: r.last + 1 } : r) },
      ["WRONG_FRAME"],
    ],
    [
      "a frame lost at a joint",
      { run: (r, i) => (i === 1 ? { ...r, last: r.last - 1 } : r) },
      ["FRAME_COUNT", "PICTURE_END", "WRONG_FRAME"],
    ],
    [
      "a frame too many at the end",
      { run: (r, i) => (i === 2 ? { ...r, last: r.last + 1 } : r) },
      ["FRAME_COUNT", "PICTURE_END"],
    ],
    ["another camera", { run: (r, i) => (i === 1 ? { ...r, camera: 0 } : r) }, ["LOW_PSNR"]],
    ["pictures of poor quality", { quality: "-crf 45" }, ["LOW_PSNR"]],
    [
      "pictures out of step with their clock",
      {
        pictures: "setpts=PTS+if(gt(N\\,30)\\,0.3/(TB*30)\\,0)",
        args: ["-fps_mode", "passthrough", "-enc_time_base", "1/9000"],
      },
      ["FRAME_INTERVAL", "FRAME_TIME", "PICTURE_END"],
    ],
    ["another size", { pictures: "scale=322:180" }, ["SHAPE"]],
  ];
  for (const [name, change, expected] of cases) {
    it(name, async () => {
      const found = codes(await verify(await exported(change)));
      for (const code of expected)
        assert.ok(found.includes(code), `${code} is not among ${found.join(", ") || "no findings"}`);
    });
  }

  it("frames that could have been copied and were not", async () => {
    assert.deepEqual(codes(await verify(right, { minCopied: "auto" })), ["COPIED_TOO_LITTLE"]);
  });
});

describe("wrong sound is found:", { concurrency: 2 }, () => {
  const cases = [
    ["20 ms late", { sound: "adelay=20:all=1,atrim=end=1.99" }, ["SOUND_LAG"]],
    ["three samples early", { sound: "atrim=start_sample=3,asetpts=PTS-STARTPTS" }, ["SOUND_LAG"]],
    ["another camera's", { run: (r, i) => (i === 1 ? { ...r, hear: 0 } : r) }, ["SOUND_OTHER"]],
    ["half as loud", { run: (r, i) => (i === 0 ? { ...r, gain: 0.5 } : r) }, ["SOUND_LEVEL"]],
    ["a hole in it", { sound: "volume=0:enable='between(t,1.5,1.8)'" }, ["SOUND_LEVEL"]],
    ["one side missing", { sound: "pan=stereo|c0=c0|c1=0*c1" }, ["SOUND_LEVEL"]],
    ["too short", { sound: "atrim=end=1.9" }, ["SOUND_LENGTH"]],
  ];
  for (const [name, change, expected] of cases) {
    it(name, async () => {
      const found = codes(await verify(await exported(change), { maxLagMs: 0.05 }));
      for (const code of expected)
        assert.ok(found.includes(code), `${code} is not among ${found.join(", ") || "no findings"}`);
    });
  }

  it("none", async () => {
    const file = path.join(folder, "none.mp4");
    await ffmpeg(["-i", right, "-c", "copy", "-an", "-movflags", "+faststart", file]);
    assert.deepEqual(codes(await verify(file)), ["SOUND_MISSING"]);
  });

  it("where a segment is not to be heard", async () => {
    const quiet = { ...config, segments: segments.map((s, i) => ({ ...s, audioFromSource: i !== 1 })) };
    assert.deepEqual(codes(await verify(right, { config: quiet })), ["SOUND_NOT_SILENT"]);
    const silent = await exported({ run: (r, i) => (i === 1 ? { ...r, gain: 0 } : r) });
    assert.deepEqual(codes(await verify(silent, { config: quiet })), []);
  });

  it("where there is to be none at all", async () => {
    const none = { ...config, output: { ...config.output, includeAudio: false } };
    assert.deepEqual(codes(await verify(right, { config: none })), ["SOUND_UNEXPECTED"]);
  });
});

describe("a wrong container is found:", { concurrency: 2 }, () => {
  const cases = [
    ["the index behind the pictures", { flags: "0" }, "MOOV_NOT_FIRST"],
    [
      "parameter sets among the pictures",
      { args: ["-bsf:v", "dump_extra=freq=keyframe"] },
      "PARAMETER_SETS_IN_SAMPLES",
    ],
    ["a sample entry that allows them there", { args: ["-tag:v", "avc3"] }, "SAMPLE_ENTRY"],
    [
      "sync samples that are not IDR",
      { args: ["-x264-params", "open-gop=1:keyint=20:min-keyint=20"] },
      "SYNC_NOT_ENTRY_POINT",
    ],
    ["a late start", { args: ["-output_ts_offset", "0.5"] }, "START"],
  ];
  for (const [name, change, code] of cases) {
    it(name, async () => {
      const found = codes(await verify(await exported(change)));
      assert.ok(found.includes(code), `${code} is not among ${found.join(", ") || "no findings"}`);
    });
  }

  it("a sync sample that decoding cannot start at", async () => {
    const file = path.join(folder, "sync.mp4");
    const bytes = readFileSync(await exported({ args: ["-g", "20"] }));
    const secondEntry = bytes.indexOf("stss") + 16;
    bytes.writeUInt32BE(bytes.readUInt32BE(secondEntry) + 3, secondEntry);
    writeFileSync(file, bytes);
    const expected = ["ENTRY_POINT_NOT_SYNC", "RANDOM_ACCESS", "SYNC_NOT_ENTRY_POINT"];
    assert.deepEqual(codes(await verify(file, { randomAccess: true })), expected);
  });

  it("an edit list that shows the last picture a millisecond less", async () => {
    const file = path.join(folder, "edit.mp4");
    const bytes = readFileSync(right);
    const duration = bytes.indexOf("elst") + 12;
    bytes.writeUInt32BE(bytes.readUInt32BE(duration) - 1, duration);
    writeFileSync(file, bytes);
    assert.deepEqual(codes(await verify(file)), ["EDIT"]);
  });

  it("a broken picture", async () => {
    const file = path.join(folder, "broken.mp4");
    await ffmpeg(["-i", right, "-c", "copy", "-bsf:v", "noise=amount=2000", "-movflags", "+faststart", file]);
    assert.ok(codes(await verify(file)).includes("DECODER_COMPLAINS"));
  });
});
