// What becomes of colour where pictures are brought to another shape: whoever reads the output by what it says of itself
// sees the source's colours.
import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { ffmpeg, ffprobe, matrixName, words } from "../support/ffmpeg.mjs";
import { cutFrom } from "./exporting.js";

const shown = { width: 160, height: 90 };
// Levels of 256, at seven of ten places in bars of colour; the others may lie at edges, which scaling moves.
const [mostOff, places] = [2, 0.7];

const folder = temporaryFolder();
const bars = {
  full: { size: "640x360", encoder: "libx264 -pix_fmt yuv420p", range: "full", matrix: "bt709" },
  limited: { size: "320x180", encoder: "libx264 -pix_fmt yuv420p", range: "limited", matrix: "bt709" },
  bt601: { size: "640x360", encoder: "libx264 -pix_fmt yuv420p", range: "limited", matrix: "smpte170m" },
  jpegs: { size: "320x180", encoder: "mjpeg -q:v 2 -pix_fmt yuvj422p", range: "full", matrix: "smpte170m" },
};

/** SMPTE bars of one second, with IDR pictures every half. */
async function makeBars([name, { size, encoder, range, matrix }]) {
  const file = path.join(folder, `${name}.mov`);
  const told = `-color_range ${range === "full" ? "pc" : "tv"} -colorspace ${matrix}`;
  await ffmpeg([
    ...words(`-f lavfi -i smptebars=size=${size}:rate=30:duration=1`),
    "-vf",
    `scale=out_range=${range}:out_color_matrix=${matrix}`,
    ...words(`-c:v ${encoder} -g 15 ${told}`),
    file,
  ]);
}

/** A picture as RGB, read by what the file says of itself. @param {number} time Seconds. */
async function colours(file, time) {
  const { streams } = await ffprobe([...words("-select_streams v:0 -show_streams"), file]);
  const range = streams[0].color_range === "pc" ? "full" : "limited";
  const matrix = matrixName(streams[0].color_space ?? "auto");
  const read = `scale=${shown.width}:${shown.height}:in_range=${range}:in_color_matrix=${matrix}:flags=area,format=rgb24`;
  const { pipes } = await ffmpeg([
    ...words(`-ss ${time} -i`),
    file,
    ...words("-frames:v 1 -vf"),
    read,
    ...words("-f rawvideo -"),
  ]);
  return pipes[0];
}

function assertAlike(made, wanted, text) {
  assert.equal(made.length, 3 * shown.width * shown.height);
  const off = [...made].map((value, i) => Math.abs(value - wanted[i])).sort((a, b) => a - b)[Math.floor(places * made.length)];
  assert.ok(off <= mostOff, `${text}: ${off} levels off`);
}

const fileOf = (name) => path.join(folder, `${name}.mov`);

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
      const { config } = cutFrom(fileOf(first), [[0, 1]]);
      config.sources.push({ ...config.sources[0], id: "two", filePath: fileOf(second) });
      config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: 0, endTime: 0.5 });
      const report = await exportVideo(config, { output, mode: "hybrid" });
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
