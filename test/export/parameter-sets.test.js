// Sources whose parameter sets change within the stream: what the header's sets do not describe is encoded, the rest is
// copied, and the plan says so.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo, planExport } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { configurationOf, joined, pictureTrack, readMovie, writeMovie } from "../fixtures/mp4-movie.mjs";
import { barcodeFilter, readBarcodes } from "../support/barcode.mjs";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { parameterSets } from "../support/verify/mp4.mjs";
import { cutFrom, exportAndCheck } from "./exporting.js";

const folder = temporaryFolder();
const inFolder = (name) => path.join(folder, name);
const others = /parameter sets are others/;

/** Two seconds at 25 pictures a second, each camera its own colours. */
async function encode(name, codec, params, { camera = 0, size = "320x180" } = {}) {
  const picture = `testsrc2=size=320x180:rate=25,hue=h=${90 * camera},${barcodeFilter({ width: 320, camera })},scale=${size}`;
  const option = codec === "libx265" ? `-x265-params log-level=error:${params}` : `-x264-params ${params}`;
  await ffmpeg(["-f", "lavfi", "-i", picture, ...words(`-t 2 -c:v ${codec} -preset veryfast ${option}`), inFolder(name)]);
  return inFolder(name);
}

async function inMpegTs(file) {
  await ffmpeg(["-i", file, ...words("-map 0 -c copy"), `${file}.ts`]);
  return `${file}.ts`;
}

/** Of ffmpeg's concat demuxer: sets lie in the samples, the header has those of the first file. */
async function concatenated(name, files) {
  const list = inFolder(`${name}.txt`);
  writeFileSync(list, files.map((file) => `file '${file}'\n`).join(""));
  await ffmpeg([...words("-f concat -safe 0 -i"), list, ...words("-c copy"), inFolder(name)]);
  return inFolder(name);
}

function lengthPrefixed(unit) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(unit.length);
  return Buffer.concat([length, unit]);
}

/** Of a report: how many pictures each step has, and which are encoded for their parameter sets. */
const stepsOf = ({ runs }) =>
  runs.flatMap(({ steps }) =>
    steps.map(({ kind, frames, reason }) => (kind === "copy" ? "copy" : others.test(reason) ? "others" : "edge") + ` ${frames}`),
  );

const encoders = {
  libx264: ["keyint=10:bframes=2:b-adapt=0", "keyint=10:bframes=2:b-adapt=0:cabac=0:ref=4"],
  libx265: ["keyint=10:bframes=2:b-adapt=0:open-gop=0", "keyint=10:bframes=2:b-adapt=0:open-gop=0:no-sao=1:ref=1:ctu=16"],
};

const containers = { libx264: ["ts", "mkv", "mp4", "flv"], libx265: ["ts", "mkv", "mp4"] };

/** @type {Record<string, string[]>} */
const pairs = {};
before(async () => {
  for (const [codec, params] of Object.entries(encoders)) {
    pairs[codec] = await Promise.all(
      params.map((param, camera) => encode(`${codec}-${camera}.mp4`, codec, param, { camera })),
    );
  }
});

describe("two encoders' pictures in one stream", () => {
  for (const codec of Object.keys(encoders)) {
    for (const container of containers[codec]) {
      test(`${codec}, concatenated into ${container}: there, back, and there again`, async () => {
        // For HEVC in MP4 the concat demuxer goes on with the sets of the first file.
        const [one, two] = codec === "libx265" ? await Promise.all(pairs[codec].map(inMpegTs)) : pairs[codec];
        const file = await concatenated(`${codec}.${container}`, [one, two, one, two]);
        const { report } = await exportAndCheck(cutFrom(file, [[0.2, 7.5]]));
        const [head, first, other, second, last, ...rest] = stepsOf(report);
        assert.match([head, first, other, second, last].join(), /^edge \d+,copy \d+,others \d+,copy \d+,others \d+$/);
        assert.deepEqual(rest, []);
        assert.equal(other, "others 50");
        assert.equal(second, "copy 50");
      });
    }

    test(`${codec}, under two sample descriptions`, async () => {
      const [one, two] = pairs[codec].map(readMovie);
      const file = inFolder(`${codec}-descriptions.mp4`);
      writeMovie(file, joined([one, two, one, two]));
      // The second begins where only the table tells what the samples are coded with.
      const { report } = await exportAndCheck(cutFrom(file, [[0.4, 5.2], [2.6, 3.2], [6.4, 7.2]]));
      assert.deepEqual(stepsOf(report), ["copy 40", "others 50", "copy 30", "others 15", "others 20"]);
    });
  }

  test("elementary streams one after the other, muxed again", async () => {
    // Without B pictures, whose order the raw stream's reader does not work out.
    const bare = await Promise.all(
      ["cabac=1", "cabac=0:ref=4"].map((params, camera) =>
        encode(`${camera}.h264`, "libx264", `keyint=10:bframes=0:${params}`, { camera }),
      ),
    );
    writeFileSync(inFolder("both.h264"), Buffer.concat(bare.map((file) => readFileSync(file))));
    await ffmpeg([...words("-r 25 -i"), inFolder("both.h264"), ...words("-c copy"), inFolder("both.mp4")]);
    const { report } = await exportAndCheck(cutFrom(inFolder("both.mp4"), [[0.4, 3.6]]));
    assert.deepEqual(stepsOf(report), ["copy 40", "others 40"]);
  });

  test("mode copy takes what lies within one encoder's part, and nothing beyond", async () => {
    const [one, two] = pairs.libx264;
    writeMovie(inFolder("copy.mov"), joined([one, two, one].map(readMovie)));
    const inBand = ["mp4", "mkv"].map((container) => concatenated(`copy.${container}`, [one, two, one]));
    for (const file of [...(await Promise.all(inBand)), inFolder("copy.mov")]) {
      await exportAndCheck(cutFrom(file, [[0.5, 1.7], [4.5, 5.5]]), { mode: "copy" });
      for (const span of /** @type {[number, number][]} */ ([[1.5, 2.5], [2.5, 3.5], [3.9, 4.6]])) {
        const { config } = cutFrom(file, [span]);
        await assert.rejects(planExport(config, { mode: "copy" }), { code: "ERR_PLAN_UNSUPPORTED" });
      }
    }
  });

  test("pictures of another size are brought to the others'", async () => {
    const params = encoders.libx264[0];
    const large = await encode("large.mp4", "libx264", params, { camera: 3, size: "640x360" });
    const small = pairs.libx264[0];
    const files = [await concatenated("sizes.mkv", [small, large, small]), inFolder("sizes.mp4")];
    writeMovie(files[1], joined([small, large, small].map(readMovie)));
    for (const file of files) {
      const { config } = cutFrom(file, [[0.4, 5.6]]);
      const report = await exportVideo(config, { output: inFolder("sized.mp4"), mode: "hybrid" });
      assert.deepEqual(stepsOf(report), ["copy 40", "others 50", "copy 40"]);
      const read = await readBarcodes(inFolder("sized.mp4"), 320);
      const wanted = Array.from({ length: 130 }, (_, i) => ({ camera: i >= 40 && i < 90 ? 3 : 0, frame: (i + 10) % 50 }));
      assert.deepEqual(read.map(({ camera, frame }) => ({ camera, frame })), wanted);
    }
  });
});

describe("sets that change where no sync sample says so", () => {
  test("fail the copy, which names the source", async () => {
    const [one, two] = pairs.libx264.map(readMovie);
    const track = pictureTrack(one);
    const sets = parameterSets(configurationOf(pictureTrack(two).descriptions[0]), "h264");
    const at = track.samples.findIndex(({ sync }, i) => i > 20 && !sync);
    track.samples[at].bytes = Buffer.concat([lengthPrefixed(sets.at(-1)), track.samples[at].bytes]);
    const file = inFolder("hidden.mp4");
    writeMovie(file, one);
    const { config } = cutFrom(file, [[0.4, 1.9]]);
    await assert.rejects(exportVideo(config, { output: inFolder("failed.mp4"), mode: "hybrid" }), (error) => {
      assert.equal(error.code, "ERR_PLAN_UNSUPPORTED");
      assert.match(error.message, /parameter set/);
      assert.deepEqual([error.context.path, error.context.segment], [file, 0]);
      return true;
    });
  });
});
