// What becomes of colour where pictures are brought to another shape: whoever reads the output by what it says of itself
// sees the source's colours.
import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../../binding/support/footage.js";
import { ffmpeg, ffprobe, matrixName, words } from "../../support/ffmpeg.mjs";
import { cutFrom } from "../exporting.js";

const shown = { width: 160, height: 90 };
// Levels of 256, at seven of ten places in bars of colour; the others may lie at edges, which scaling moves.
const [mostOff, places] = [2, 0.7];

const folder = temporaryFolder();
const fileOf = (name) => path.join(folder, `${name}.mov`);
// What is brighter than a third of reference white becomes less bright in SDR.
const mostOffInSdr = 12;
const bars = {
  full: { size: "640x360", encoder: "libx264 -pix_fmt yuv420p", range: "full", matrix: "bt709" },
  limited: { size: "320x180", encoder: "libx264 -pix_fmt yuv420p", range: "limited", matrix: "bt709" },
  bt601: { size: "640x360", encoder: "libx264 -pix_fmt yuv420p", range: "limited", matrix: "smpte170m" },
  jpegs: { size: "320x180", encoder: "mjpeg -q:v 2 -pix_fmt yuvj422p", range: "full", matrix: "smpte170m" },
};
const portrait = { ...bars.limited, size: "180x320" };
// The same bars, white being the reference white of BT.2408, 203 cd/m2.
const hdrBars = { pq: "smpte2084", hlg: "arib-std-b67" };

/** SMPTE bars of one second, with IDR pictures every half. */
async function makeBars([name, { size, encoder, range, matrix }]) {
  const file = fileOf(name);
  const told = `-color_range ${range === "full" ? "pc" : "tv"} -colorspace ${matrix}`;
  await ffmpeg([
    ...words(`-f lavfi -i smptebars=size=${size}:rate=30:duration=1`),
    "-vf",
    `scale=out_range=${range}:out_color_matrix=${matrix}`,
    ...words(`-c:v ${encoder} -g 15 ${told}`),
    file,
  ]);
}

async function makeHdrBars([name, transfer]) {
  const to = `zscale=tin=709:pin=709:min=709:rin=limited:t=${transfer}:p=2020:m=2020_ncl:r=limited:npl=203`;
  const parameters = `log-level=none:keyint=15:colorprim=9:transfer=${transfer}:colormatrix=9:range=limited`;
  await ffmpeg([
    ...words("-f lavfi -i smptebars=size=640x360:rate=30:duration=1 -vf"),
    `scale=out_range=limited:out_color_matrix=bt709,format=yuv420p,${to},format=yuv420p10le`,
    ...words(`-c:v libx265 -preset ultrafast -crf 12 -tag:v hvc1 -x265-params ${parameters}`),
    ...words(`-color_primaries bt2020 -color_trc ${transfer} -colorspace bt2020nc -color_range tv`),
    fileOf(name),
  ]);
}

/** A picture, or a part of it, as RGB, read by what the file says of itself. @param {number} time Seconds. */
async function colours(file, time, part = "null") {
  const { streams } = await ffprobe([...words("-select_streams v:0 -show_streams"), file]);
  const range = streams[0].color_range === "pc" ? "full" : "limited";
  const matrix = matrixName(streams[0].color_space ?? "auto");
  const read = `${part},scale=${shown.width}:${shown.height}:in_range=${range}:in_color_matrix=${matrix}:flags=area,format=rgb24`;
  const { pipes } = await ffmpeg([
    ...words(`-ss ${time} -i`),
    file,
    ...words("-frames:v 1 -vf"),
    read,
    ...words("-f rawvideo -"),
  ]);
  return pipes[0];
}

function assertAlike(made, wanted, text, most = mostOff) {
  assert.equal(made.length, 3 * shown.width * shown.height);
  const off = [...made].map((value, i) => Math.abs(value - wanted[i])).sort((a, b) => a - b)[Math.floor(places * made.length)];
  assert.ok(off <= most, `${text}: ${off} levels off`);
}

/** The first for one second, then the second for half a second. */
function together(first, second, output) {
  const { config } = cutFrom(fileOf(first), [[0, 1]], output);
  config.sources.push({ ...config.sources[0], id: "two", filePath: fileOf(second) });
  config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: 0, endTime: 0.5 });
  return config;
}

describe("colours are the source's", () => {
  before(() => Promise.all(Object.entries(bars).map(makeBars)));

  for (const name of Object.keys(bars)) {
    test(`on a smaller canvas: ${name}`, async () => {
      const output = path.join(temporaryFolder(), "out.mp4");
      const { config } = cutFrom(fileOf(name), [[0, 0.5]], { width: 160, height: 90, codec: "h264" });
      await exportVideo(config, { output, mode: "reencode" });
      assertAlike(await colours(output, 0.2), await colours(fileOf(name), 0.2), name);
    });
  }

  const pairs = [
    ["full", "limited"],
    ["limited", "full"],
    ["full", "bt601"],
    ["limited", "bt601"],
    ["bt601", "jpegs"],
  ];
  for (const [first, second] of pairs) {
    test(`where one is brought to the other's shape: ${first}, ${second}`, async () => {
      const output = path.join(temporaryFolder(), "out.mp4");
      const report = await exportVideo(together(first, second), { output, mode: "hybrid" });
      assert.deepEqual([report.output.framesCopied, report.output.framesEncoded], [30, 15]);
      assertAlike(await colours(output, 0.2), await colours(fileOf(first), 0.2), first);
      assertAlike(await colours(output, 1.2), await colours(fileOf(second), 0.2), second);
    });
  }

  for (const range of ["full", "limited"]) {
    test(`what is left beside a picture of another aspect is black in ${range} range`, async () => {
      const output = path.join(temporaryFolder(), "out.mp4");
      const { config } = cutFrom(fileOf(range), [[0, 0.5]], { width: 160, height: 160, codec: "h264" });
      await exportVideo(config, { output, mode: "reencode" });
      const corner = (await colours(output, 0.2)).subarray(0, 3 * 20);
      assert.ok(Math.max(...corner) <= 2, `levels up to ${Math.max(...corner)}`);
    });
  }
});

describe("HDR beside SDR looks the same", () => {
  before(async () => {
    await Promise.all([...Object.entries(bars).slice(0, 3), ["portrait", portrait]].map(makeBars));
    await Promise.all(Object.entries(hdrBars).map(makeHdrBars));
  });

  test("also where its proportions would give it an odd height", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const report = await exportVideo(together("portrait", "pq"), { output });
    assert.deepEqual([report.output.framesCopied, report.output.framesEncoded], [30, 15]);
    assertAlike(await colours(output, 1.2, "crop=180:100:0:110"), await colours(fileOf("limited"), 0.2), "pq", mostOffInSdr);
  });

  /** @type {[string, string, string][]} First, second, and what the second is to look like. */
  const pairs = [
    ["limited", "pq", "limited"],
    ["limited", "hlg", "limited"],
    ["full", "pq", "full"],
    ["pq", "limited", "pq"],
    ["hlg", "full", "hlg"],
    ["hlg", "pq", "hlg"],
    ["pq", "hlg", "pq"],
  ];
  for (const [first, second, like] of pairs) {
    const toSdr = like in bars && second in hdrBars;
    const encoded = { limited: ["h264"], pq: ["h265"], full: [], hlg: [] };
    for (const codec of ["copy", ...encoded[first]]) {
      test(`${second} behind ${first}, ${codec}`, async () => {
        const output = path.join(temporaryFolder(), "out.mp4");
        const report = await exportVideo(together(first, second, { codec }), { output });
        assert.ok(!report.warnings.some((warning) => warning.code === "COLOR_NOT_CONVERTED"));
        assertAlike(await colours(output, 0.2), await colours(fileOf(first), 0.2), first);
        assertAlike(await colours(output, 1.2), await colours(fileOf(like), 0.2), second, toSdr ? mostOffInSdr : 2 * mostOff);
      });
    }
  }
});
