// HEVC whose decoding begins, or begins anew, at a random access picture led by pictures that refer to what came before:
// no decoder shows those (RASL), so no source has them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../../binding/support/footage.js";
import { pictureTrack, readMovie, writeMovie } from "../../fixtures/mp4-movie.mjs";
import { ffmpeg, ffprobe, words } from "../../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../../support/media.mjs";
import { inspect, readSamples } from "../../support/verify/container.mjs";
import { decodePictures } from "../../support/verify/pictures.mjs";
import { nalUnits } from "../../support/verify/mp4.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();
const inFolder = (name) => path.join(folder, name);
const openGops = inFolder("open.mp4");
const cra = 21;
const blaWithLeading = 16;
const endOfSequence = 36;
const blaWithoutLeading = 18;
const typeOf = (unit) => (unit[0] >> 1) & 63;

before(async () => {
  const picture = words("-f lavfi -i testsrc2=size=320x180:rate=25 -t 4 -c:v libx265 -preset ultrafast");
  const params = "log-level=error:keyint=20:min-keyint=20:bframes=3:open-gop=1:b-adapt=0:scenecut=0";
  await ffmpeg([...picture, "-x265-params", params, openGops]);
});

async function packetCount(file) {
  const { streams } = await ffprobe([...words("-select_streams v:0 -count_packets -show_streams"), file]);
  return Number(streams[0].nb_read_packets);
}

/** The file from its random access picture at or before a time on, the pictures that lead it included. */
async function cutAtRandomAccess(file, seconds, name) {
  await ffmpeg([...words(`-ss ${seconds} -i`), file, ...words("-map 0:v:0 -c copy -copypriorss 1"), inFolder(name)]);
  const pictures = await decodePictures(inFolder(name), 0);
  return { cut: inFolder(name), lost: (await packetCount(inFolder(name))) - pictures.list.length };
}

describe("a source that begins with a CRA picture and its RASL pictures", () => {
  for (const container of ["mp4", "mov", "mkv", "ts"]) {
    test(container, async () => {
      const { cut, lost } = await cutAtRandomAccess(openGops, 1.6, `cut.${container}`);
      assert.equal(lost, 3);
      const { report } = await exportAndCheck(cutFrom(cut, [[0, 1.5], [1.7, 2.3]]));
      assert.ok(report.output.framesCopied >= 37);
      const copied = await exportAndCheck(cutFrom(cut, [[0.1, 1.4]]), { mode: "copy" });
      assert.equal(copied.report.runs[0].actual.start, 0);
    });
  }

  test("whose edit list does not hide them, while sound is heard already", async () => {
    const { cut } = await cutAtRandomAccess(openGops, 1.6, "led.mp4");
    const sound = words("-f lavfi -i anoisesrc=color=pink:sample_rate=48000 -map 0:v -map 1:a -t 2 -c:v copy -c:a aac");
    await ffmpeg(["-i", cut, ...sound, inFolder("heard.mp4")]);
    const movie = readMovie(inFolder("heard.mp4"));
    const [{ duration }] = pictureTrack(movie).edits;
    // All from media time 0 on, where the pictures that lead are, 0.4 s late.
    pictureTrack(movie).edits = [{ duration: 0.4 * movie.timescale, mediaTime: -1 }, { duration, mediaTime: 0 }];
    writeMovie(inFolder("late.mp4"), movie);
    const { list: shown, timeBase } = await decodePictures(inFolder("late.mp4"), 0);
    const first = Number(shown[0].ticks * timeBase[0]) / Number(timeBase[1]);
    const { report } = await exportAndCheck(cutFrom(inFolder("late.mp4"), [[first, 1.7]]));
    assert.ok(report.output.framesCopied >= 20);
    // What comes before the first picture shows the first.
    const { config } = cutFrom(inFolder("late.mp4"), [[0.1, 1.7]]);
    const early = await exportVideo(config, { output: inFolder("early.mp4") });
    const { list } = await decodePictures(inFolder("early.mp4"), 0, { asStamped: true });
    assert.equal(list.length, early.output.framesCopied + early.output.framesEncoded);
    assert.equal(list.length, report.output.framesCopied + report.output.framesEncoded);
  });

  const file = mediaFile("hevc-open-gop-rasl-720p-aac.mp4");
  test("real footage", { skip: !file && noMedia }, async () => {
    for (const container of ["mov", "ts"]) {
      const { cut, lost } = await cutAtRandomAccess(file, 1, `real.${container}`);
      assert.ok(lost > 0);
      const { format } = await ffprobe(["-show_format", cut]);
      const end = Number(format.duration);
      await exportAndCheck(cutFrom(cut, [[0, end * 0.4], [end * 0.45, end * 0.9]]));
    }
  });
});

test("a copy that begins with a CRA picture makes it BLA_N_LP; those within it stay", async () => {
  const { report, output } = await exportAndCheck(cutFrom(openGops, [[0.5, 3.1], [1.7, 3.3]]));
  const { packetsOf, video } = await inspect(output);
  const { samples } = readSamples(output, packetsOf(video), "hevc");
  let first = 0;
  const begins = new Set();
  for (const { kind, frames } of report.runs.flatMap(({ steps }) => steps)) {
    if (kind === "copy") begins.add(first);
    first += frames;
  }
  const kinds = samples.map(({ units }) => typeOf(units.find((unit) => typeOf(unit) < 32)));
  const places = (type) => kinds.flatMap((kind, i) => (kind === type ? [i] : []));
  assert.deepEqual(places(blaWithoutLeading), [...begins]);
  assert.equal(places(cra).length, 3);
});

/** A movie of open GOPs, changed by `change(samples, at)` at a CRA picture in its middle. */
async function changedWithin(container, name, change) {
  const movie = readMovie(openGops);
  const { samples } = pictureTrack(movie);
  change(
    samples,
    samples.findIndex(({ bytes }, i) => i > 30 && nalUnits(bytes, 4).some((unit) => typeOf(unit) === cra)),
  );
  const changed = inFolder(`${name}.mp4`);
  writeMovie(changed, movie);
  if (container === "mp4") return changed;
  await ffmpeg(["-i", changed, ...words("-c copy"), inFolder(`${name}.${container}`)]);
  return inFolder(`${name}.${container}`);
}

function makeBla(samples, at) {
  const changed = Buffer.from(samples[at].bytes);
  for (const unit of nalUnits(changed, 4)) {
    if (typeOf(unit) === cra) unit[0] = (unit[0] & 0x81) | (blaWithLeading << 1);
  }
  samples[at].bytes = changed;
}

function endSequence(samples, at) {
  samples[at - 1].bytes = Buffer.concat([samples[at - 1].bytes, Buffer.from([0, 0, 0, 2, endOfSequence << 1, 1])]);
}

for (const container of ["mp4", "mkv", "ts"]) {
  test(`a BLA picture with RASL pictures within the stream, ${container}`, async () => {
    const source = await changedWithin(container, "bla", makeBla);
    assert.equal((await decodePictures(source, 0)).list.length, 97);
    // Across it, up to it, and from it on.
    const { report } = await exportAndCheck(cutFrom(source, [[0.8, 3.2], [0.1, 1.5], [1.6, 2.4]]));
    assert.ok(report.output.framesCopied >= 70);
  });

  // The command line leaves out what waits to be shown there, too (C.5.2.2), so it is no reference.
  test(`the end of a sequence before a CRA picture, ${container}: as if that was a BLA picture`, async () => {
    const [expected, found] = await Promise.all(
      [makeBla, endSequence].map(async (change) => {
        const source = await changedWithin(container, change.name, change);
        const output = inFolder(`${change.name}-${container}-out.mp4`);
        await exportVideo(cutFrom(source, [[0.8, 3.2]]).config, { output, mode: "hybrid" });
        return (await decodePictures(output, 0)).list;
      }),
    );
    assert.equal(expected.length, 57);
    assert.deepEqual(found, expected);
  });
}

describe("open GOPs joined as they are", () => {
  const parts = {};
  before(async () => {
    for (const container of ["mp4", "ts"]) {
      const first = inFolder(`first.${container}`);
      await ffmpeg(["-i", openGops, ...words("-t 1.5 -c copy"), first]);
      parts[container] = [first, (await cutAtRandomAccess(openGops, 1.6, `second.${container}`)).cut];
    }
  });

  for (const container of ["mp4", "ts"]) {
    test(`by the concat demuxer, ${container}: all that each part shows`, async () => {
      const list = inFolder(`${container}.txt`);
      writeFileSync(list, parts[container].map((part) => `file ${part}\n`).join(""));
      const joined = inFolder(`joined.${container}`);
      await ffmpeg([...words("-f concat -safe 0 -i"), list, ...words("-c copy"), joined]);
      const shown = await Promise.all(parts[container].map((part) => decodePictures(part, 0)));
      const expected = shown.flatMap((pictures) => pictures.list.map(({ md5 }) => md5));
      const output = inFolder(`joined-${container}-out.mp4`);
      const report = await exportVideo(cutFrom(joined, [[0, 10]]).config, { output, mode: "hybrid" });
      assert.equal(report.output.framesCopied, expected.length);
      const { list: found } = await decodePictures(output, 0);
      assert.deepEqual(found.map(({ md5 }) => md5), expected);
    });
  }

  test("byte for byte, so that the clock goes back: pictures in order", async () => {
    const joined = inFolder("bytes.ts");
    writeFileSync(joined, Buffer.concat(parts.ts.map((part) => readFileSync(part))));
    const output = inFolder("bytes-out.mp4");
    const report = await exportVideo(cutFrom(joined, [[0, 10]]).config, { output, mode: "hybrid" });
    const { list } = await decodePictures(output, 0, { asStamped: true });
    assert.equal(list.length, report.output.framesEncoded);
    assert.ok(list.length >= 55);
    assert.ok(list.every(({ ticks }, i) => i === 0 || ticks > list[i - 1].ticks));
  });
});
