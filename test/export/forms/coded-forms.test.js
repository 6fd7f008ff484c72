// Streams in forms that other tests' encoders do not write: samples of ten bits, parameter sets under other ids, several
// of them or with less said in them, IDR pictures that others lead.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../../binding/support/footage.js";
import { configurationOf, joined, pictureTrack, readMovie, withConfiguration, writeMovie } from "../../fixtures/mp4-movie.mjs";
import { attempt, ffmpeg, words } from "../../support/ffmpeg.mjs";
import { nalUnits, parameterSets, unitType } from "../../support/verify/mp4.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();
const inFolder = (name) => path.join(folder, name);

async function encode(name, options) {
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25"];
  await ffmpeg([...picture, ...words(`-t 2 ${options}`), inFolder(name)]);
  return inFolder(name);
}

/** Begins and ends within GOPs, and on a keyframe. */
const exported = (file) => exportAndCheck(cutFrom(file, [[0.3, 1.7], [0.96, 1.9]]), {}, { minCopied: "auto" });

const x264 = "-c:v libx264 -x264-params keyint=12:bframes=3:b-adapt=0";

describe("cuts are exact in", () => {
  const kinds = {
    "H.264 of ten bits": `-pix_fmt yuv420p10le ${x264}`,
    "H.264 whose parameter sets have ids other than 0": `${x264}:sps-id=9`,
  };
  for (const [name, options] of Object.entries(kinds)) {
    test(name, async () => {
      await exported(await encode(`${name}.mp4`, options));
    });
  }

  test("HEVC whose IDR pictures are led by others (RADL)", async () => {
    const params = "log-level=error:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0:open-gop=0:radl=2";
    const file = await encode("radl.mp4", `-c:v libx265 -preset ultrafast -x265-params ${params}`);
    const led = pictureTrack(readMovie(file)).samples.filter(({ bytes }) =>
      nalUnits(bytes, 4).some((unit) => [6, 7].includes(unitType(unit, "hevc"))),
    );
    assert.ok(led.length > 0);
    await exported(file);
  });
});

/** The body of avcC with other sets. @param {Buffer} body @param {Buffer[]} sps @param {Buffer[]} pps */
function withSets(body, sps, pps) {
  const listed = (sets) => sets.flatMap((set) => [Buffer.from([set.length >> 8, set.length & 255]), set]);
  const behind = parameterSets(body, "h264").reduce((at, set) => at + 2 + set.length, 7);
  const parts = [body.subarray(0, 5), Buffer.from([0xe0 | sps.length]), ...listed(sps)];
  return Buffer.concat([...parts, Buffer.from([pps.length]), ...listed(pps), body.subarray(behind)]);
}

test("several parameter sets in one header, each for a part of the stream", async () => {
  const files = [await encode("zero.mp4", x264), await encode("one.mp4", `${x264}:sps-id=1:cabac=0:ref=2`)];
  const movie = joined(files.map(readMovie));
  const [track] = movie.tracks;
  const sets = track.descriptions.map((entry) => parameterSets(configurationOf(entry), "h264"));
  const both = withSets(configurationOf(track.descriptions[0]), [sets[0][0], sets[1][0]], [sets[0][1], sets[1][1]]);
  track.descriptions = [withConfiguration(track.descriptions[0], both)];
  for (const sample of track.samples) sample.description = 0;
  writeMovie(inFolder("both.mp4"), movie);
  const { report } = await exportAndCheck(cutFrom(inFolder("both.mp4"), [[0.3, 3.1], [2.2, 3.7]]), {}, { minCopied: "auto" });
  assert.ok(report.output.framesCopied >= 80);
});

function withEmulationPrevention(raw) {
  const bytes = [];
  for (const byte of raw) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** The bits of an SPS up to bitstream_restriction_flag, which is cleared: it is the last there is (H.264, E.1.1). */
async function withoutRestriction(file, sps) {
  const { log } = await attempt("ffmpeg", [...words("-v trace -i"), file, ...words("-c copy -bsf:v trace_headers -f null -")]);
  const [, position] = /(\d+) +bitstream_restriction_flag +1 = 1/.exec(log).map(Number);
  const raw = Buffer.from(sps.toString("latin1").replaceAll("\0\0\x03", "\0\0"), "latin1").subarray(0, (position >> 3) + 1);
  const [byte, bit] = [raw.length - 1, position & 7];
  raw[byte] = (raw[byte] & ~(0xff >> bit)) | (0x40 >> bit);
  assert.ok(bit < 7);
  return withEmulationPrevention(raw);
}

test("an SPS that says nothing of how far pictures are reordered", async () => {
  const file = await encode("restricted.mp4", x264);
  const movie = readMovie(file);
  const track = pictureTrack(movie);
  const body = configurationOf(track.descriptions[0]);
  const [sps, pps] = parameterSets(body, "h264");
  track.descriptions = [withConfiguration(track.descriptions[0], withSets(body, [await withoutRestriction(file, sps)], [pps]))];
  writeMovie(inFolder("unrestricted.mp4"), movie);
  await exported(inFolder("unrestricted.mp4"));
});
