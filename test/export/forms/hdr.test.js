// High dynamic range in HEVC: what the source says of the light its pictures stand for is said of every picture of the
// output, copied or encoded, as ffprobe reads it.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo, planExport } from "@opencut/libav";
import { temporaryFolder } from "../../binding/support/footage.js";
import { addToSampleEntry, clli, dvvC, makeHdr, mdcv, withoutSeiInBand, withoutSeiInHeader } from "../../fixtures/hdr-footage.mjs";
import { attempt, ffprobe, words } from "../../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../../support/media.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();
const bt2020 = { green: [8500, 39850], blue: [6550, 2300], red: [35400, 14600], white: [15635, 16450] };
const p3 = { green: [13250, 34500], blue: [7500, 3000], red: [34000, 16000], white: [15635, 16450] };
const graded = { display: { ...p3, max: 10000000, min: 50 }, light: { max: 1000, average: 400 } };
const gradedElsewhere = { display: { ...bt2020, max: 40000000, min: 1 }, light: { max: 3210, average: 123 } };
const ungraded = { display: { ...p3, max: 10000000, min: 50 }, light: { max: 0, average: 0 } };

const sources = {
  pq: path.join(folder, "pq.mp4"),
  matroska: path.join(folder, "pq.mkv"),
  boxed: path.join(folder, "boxed.mp4"),
  bare: path.join(folder, "bare.mp4"),
  transport: path.join(folder, "pq.ts"),
  inBand: path.join(folder, "in-band.mp4"),
  inHeader: path.join(folder, "in-header.mp4"),
  elsewhere: path.join(folder, "elsewhere.mp4"),
  elsewhereInHeader: path.join(folder, "elsewhere-in-header.mp4"),
  unknownLight: path.join(folder, "unknown-light.mp4"),
  hlg: path.join(folder, "hlg.mp4"),
  hlgPreferred: path.join(folder, "hlg-preferred.mp4"),
};

before(async () => {
  await Promise.all([
    makeHdr(sources.pq, graded),
    makeHdr(sources.matroska, graded),
    makeHdr(sources.elsewhere, { ...gradedElsewhere, picture: "hflip" }),
    makeHdr(sources.unknownLight, ungraded),
    makeHdr(sources.bare),
    makeHdr(sources.hlg, { transfer: "hlg" }),
    makeHdr(sources.hlgPreferred, { transfer: "sdrWithHlgPreferred" }),
  ]);
  copyFileSync(sources.pq, sources.boxed);
  for (const file of [sources.boxed, sources.bare]) addToSampleEntry(file, mdcv(graded.display), clli(graded.light));
  await withoutSeiInHeader(sources.pq, sources.transport, sources.inBand);
  await withoutSeiInBand(sources.pq, sources.inHeader);
  await withoutSeiInBand(sources.elsewhere, sources.elsewhereInHeader);
});

const colourKeys = ["color_range", "color_space", "color_transfer", "color_primaries", "chroma_location"];
const pick = (object, keys) => Object.fromEntries(keys.map((key) => [key, object[key]]));
const isMetadata = ({ side_data_type: type }) => !type.startsWith("H.26[45] User Data");

/** What ffprobe says of a file's picture stream, and of each of its pictures. */
async function describePictures(file) {
  const asked = words("-select_streams v:0 -show_streams -show_frames");
  const { streams, frames } = await ffprobe([...asked, file]);
  return {
    stream: { ...pick(streams[0], colourKeys), sideData: streams[0].side_data_list ?? [] },
    pictures: frames.map((frame) => ({
      ...pick(frame, colourKeys),
      sideData: (frame.side_data_list ?? []).filter(isMetadata),
    })),
  };
}

/** What a field of its SEI messages holds, each time it is there. @param {string} file @param {string} field */
async function coded(file, field) {
  const { log } = await attempt("ffmpeg", ["-nostdin", "-i", file, ...words("-map 0:v -c copy -bsf:v trace_headers -f null -")]);
  return [...log.matchAll(new RegExp(`${field} .* = (\\d+)`, "g"))].map(([, value]) => Number(value));
}

async function keyframesOf(file) {
  const { packets } = await ffprobe([...words("-select_streams v:0 -show_packets"), file]);
  return packets.filter(({ flags }) => flags.startsWith("K"));
}

const distinct = (values) => [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));

/** Two cuts, so that pictures are encoded before and behind copied ones. */
const twice = (file, output = {}) =>
  cutFrom(
    file,
    [
      [0.31, 1.2],
      [1.1, 1.9],
    ],
    { includeAudio: false, ...output },
  );

/** One segment of each file in turn. @param {string[]} files @param {[number, number]} span */
function eachOf(files, span = [0.31, 1.4]) {
  const { base, config } = cutFrom(files[0], [], { includeAudio: false });
  config.sources = files.map((filePath, i) => ({ id: `${i}`, name: `${i}`, filePath }));
  config.segments = files.map((_, sourceIndex) => ({
    sourceIndex,
    startTime: span[0],
    endTime: span[1],
    audioFromSource: false,
  }));
  return { base, config };
}

function assertBothKinds({ output }) {
  assert.ok(output.framesCopied > 0 && output.framesEncoded > 0, `${output.framesCopied}, ${output.framesEncoded}`);
}

describe("HDR10 of which pictures are copied and encoded", () => {
  for (const name of ["pq", "matroska", "transport", "boxed", "inBand", "inHeader", "unknownLight"]) {
    test(`${name}: every picture carries the source's metadata, and so does the container`, async () => {
      const { report, output } = await exportAndCheck(twice(sources[name]), {}, { minCopied: "auto" });
      assertBothKinds(report);
      const source = await describePictures(sources[name]);
      const made = await describePictures(output);
      assert.equal(source.pictures[0].sideData.length, 2);
      assert.deepEqual(distinct(made.pictures), [source.pictures[0]]);
      assert.deepEqual(made.stream, source.stream);
    });
  }

  test("what only the container says is said of the encoded pictures as well", async () => {
    const { report, output } = await exportAndCheck(twice(sources.bare));
    assertBothKinds(report);
    const made = await describePictures(output);
    const { stream } = await describePictures(sources.bare);
    assert.equal(stream.sideData.length, 2);
    assert.deepEqual(made.stream, stream);
    assert.deepEqual(made.pictures[0].sideData, (await describePictures(sources.pq)).pictures[0].sideData);
  });

  for (const [one, other] of [
    ["boxed", "elsewhere"],
    ["inHeader", "elsewhereInHeader"],
  ]) {
    test(`two sources (${one}, ${other}) that differ: each picture carries its own source's`, async () => {
      const { report, output } = await exportAndCheck(eachOf([sources[one], sources[other]]));
      assertBothKinds(report);
      const [first, second] = await Promise.all([describePictures(sources[one]), describePictures(sources[other])]);
      const made = await describePictures(output);
      const inFirst = report.runs[0].steps.reduce((sum, { frames }) => sum + frames, 0);
      assert.notDeepEqual(first.pictures[0], second.pictures[0]);
      assert.deepEqual(distinct(made.pictures.slice(0, inFirst)), [first.pictures[0]]);
      assert.deepEqual(distinct(made.pictures.slice(inFirst)), [second.pictures[0]]);
      assert.deepEqual(made.stream, first.stream);
    });
  }

  test("encoded anew to H.265: stream and pictures carry it", async () => {
    const size = { width: 160, height: 90, fps: 30, codec: "h265" };
    const { output } = await exportAndCheck(twice(sources.pq, size), { mode: "reencode" });
    const boxed = await describePictures(sources.boxed);
    const made = await describePictures(output);
    assert.deepEqual(made.stream.sideData, boxed.stream.sideData);
    assert.deepEqual(distinct(made.pictures), [boxed.pictures[0]]);
  });
});

describe("HLG of which pictures are copied and encoded", () => {
  const preferred = "preferred_transfer_characteristics";

  test("keeps its colour tags, and says nothing more than the source", async () => {
    const { report, output } = await exportAndCheck(twice(sources.hlg), {}, { minCopied: "auto" });
    assertBothKinds(report);
    const source = await describePictures(sources.hlg);
    const made = await describePictures(output);
    assert.deepEqual(source.stream.color_transfer, "arib-std-b67");
    assert.deepEqual(source.stream.chroma_location, "topleft");
    assert.deepEqual(made.stream, source.stream);
    assert.deepEqual(distinct(made.pictures), distinct(source.pictures));
    assert.deepEqual(await coded(output, preferred), []);
  });

  test("is preferred by every sequence where the stream is tagged for displays that do not know it", async () => {
    const { report, output } = await exportAndCheck(twice(sources.hlgPreferred), {}, { minCopied: "auto" });
    assertBothKinds(report);
    assert.deepEqual(await coded(output, preferred), (await keyframesOf(output)).map(() => 18));
    assert.deepEqual(distinct((await describePictures(output)).pictures).length, 1);
  });
});

const phone = "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4";

test("what a phone says once, of the light around it, every sequence says", { skip: !mediaFile(phone) && noMedia }, async () => {
  const output = path.join(temporaryFolder(), "out.mp4");
  const { config } = cutFrom(mediaFile(phone), [[0.4, 2]], { includeAudio: false });
  assertBothKinds(await exportVideo(config, { output, mode: "hybrid" }));
  const ambientViewing = 148;
  const messages = (await coded(output, "last_payload_type_byte")).filter((type) => type === ambientViewing);
  assert.equal(messages.length, 1 + (await keyframesOf(output)).length);
});

describe("Dolby Vision", () => {
  const configuration = { profile: 8, level: 3, compatibility: 1 };
  const dolby = path.join(folder, "dolby.mp4");
  const otherLevel = path.join(folder, "other-level.mp4");
  before(() => {
    copyFileSync(sources.boxed, dolby);
    addToSampleEntry(dolby, dvvC(configuration));
    copyFileSync(sources.elsewhere, otherLevel);
    addToSampleEntry(otherLevel, dvvC({ ...configuration, level: 4 }));
  });
  const codes = ({ warnings }) => warnings.map(({ code }) => code);
  const whole = /** @type {[number, number]} */ ([0, 2]);
  const warned = ["DOLBY_VISION_DROPPED"];

  for (const mode of /** @type {const} */ (["hybrid", "copy"])) {
    test(`stays where mode ${mode} copies every picture of sources of one configuration`, async () => {
      const twin = path.join(temporaryFolder(), "twin.mp4");
      copyFileSync(dolby, twin);
      const { report, output } = await exportAndCheck(eachOf([dolby, twin], whole), { mode });
      assert.equal(report.output.framesEncoded, 0);
      assert.deepEqual(codes(report), []);
      const { stream } = await describePictures(dolby);
      assert.equal(stream.sideData.length, 3);
      assert.deepEqual((await describePictures(output)).stream, stream);
    });
  }

  test("goes where a picture is encoded, and only that", async () => {
    const { report, output } = await exportAndCheck(twice(dolby));
    assert.deepEqual(codes(report), warned);
    assert.deepEqual((await describePictures(output)).stream, (await describePictures(sources.boxed)).stream);
  });

  test("goes where a source has another configuration or none", async () => {
    for (const other of [otherLevel, sources.pq]) {
      const { report, output } = await exportAndCheck(eachOf([dolby, other], whole));
      assert.equal(report.output.framesEncoded, 0);
      assert.deepEqual(codes(report), warned);
      assert.deepEqual((await describePictures(output)).stream, (await describePictures(sources.boxed)).stream);
    }
  });

  test("goes where all is encoded", async () => {
    const { base, config } = twice(dolby, { codec: "h265" });
    assert.deepEqual(codes(await planExport(config, { mediaBasePath: base, output: path.join(folder, "x.mp4") })), warned);
  });

  const real = { "hevc-dolby-vision-p81-pq-5994.mp4": [0.5, 4.5], [phone]: [0.4, 2] };
  for (const [name, [start, end]] of Object.entries(real)) {
    const file = mediaFile(name);
    test(`of ${name}, cut: no picture has metadata that was made for another`, { skip: !file && noMedia }, async () => {
      const output = path.join(temporaryFolder(), "out.mp4");
      const { config } = cutFrom(file, [[start, end]], { includeAudio: false });
      const report = await exportVideo(config, { output, mode: "hybrid" });
      assertBothKinds(report);
      assert.deepEqual(codes(report), warned);
      const isOfDolby = ({ side_data_type: type }) => type.startsWith("D");
      const made = await describePictures(output);
      const source = await describePictures(file);
      const expected = source.pictures[0].sideData.filter((data) => !isOfDolby(data));
      assert.deepEqual(distinct(made.pictures.map(({ sideData }) => sideData)), [expected]);
      assert.deepEqual(pick(made.stream, colourKeys), pick(source.stream, colourKeys));
    });
  }
});
