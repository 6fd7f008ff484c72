#!/usr/bin/env node
// node test/fuzz/make-seeds.mjs
// Writes test/fuzz/corpus/<target>/seed-*: small streams of every kind that ffmpeg makes, in the form that each fuzzer
// takes its input. What a fuzzer found lies beside them as found-*.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ffmpeg, ffprobe, words } from "../support/ffmpeg.mjs";

const corpus = fileURLToPath(new URL("corpus/", import.meta.url));

function write(target, name, ...parts) {
  const folder = path.join(corpus, target);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `seed-${name}`), Buffer.concat(parts.map((part) => Buffer.from(part))));
}

function removeSeeds() {
  mkdirSync(corpus, { recursive: true });
  for (const target of readdirSync(corpus)) {
    const folder = path.join(corpus, target);
    for (const name of readdirSync(folder)) if (name.startsWith("seed-")) rmSync(path.join(folder, name));
  }
}

// As FuzzInput::Block() reads it.
const block = (bytes) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

async function bytesOf(file, ...options) {
  const { pipes } = await ffmpeg(["-i", file, ...options, "-"]);
  return pipes[0];
}

/** The extradata and the samples of a small clip. */
async function clip(codec, options, frames = 6) {
  const file = path.join(os.tmpdir(), `seed-${process.pid}.mp4`);
  await ffmpeg([
    ...words("-y -f lavfi -i testsrc2=size=64x48:rate=25"),
    ...words(`-frames:v ${frames} -c:v ${codec} -qp 40 ${options}`),
    file,
  ]);
  const { streams, packets } = await ffprobe(["-show_streams", "-show_packets", "-show_data", file]);
  const annexB = await bytesOf(file, ...words(`-c copy -f ${codec === "libx264" ? "h264" : "hevc"}`));
  const dump = (text) =>
    Buffer.from(
      text
        .split("\n")
        .map((line) => line.slice(10, 50).replaceAll(" ", ""))
        .join(""),
      "hex",
    );
  const samples = packets.map((packet) => ({ bytes: dump(packet.data), pts: packet.pts, key: packet.flags.includes("K") }));
  rmSync(file);
  return { extradata: dump(streams[0].extradata), samples, annexB: annexB.subarray(0, 400) };
}

const h264 = {
  high: "-x264-params keyint=4:bframes=2",
  "cavlc-slices": "-x264-params cabac=0:slices=2:bframes=1:ref=3",
  interlaced: "-x264-params interlaced=1:bframes=2",
  baseline: "-profile:v baseline",
  "ten-bits": "-pix_fmt yuv420p10le",
  "full-chroma": "-pix_fmt yuv444p -x264-params weightp=2",
};
const hevc = {
  main: "-x265-params log-level=none:keyint=4:bframes=2:open-gop=1",
  main10: "-pix_fmt yuv420p10le -x265-params log-level=none:master-display=G(1,1)B(1,1)R(1,1)WP(1,1)L(1,1)",
};

async function makeVideoSeeds() {
  for (const [codec, kinds, number] of [["libx264", h264, 0], ["libx265", hevc, 1]]) {
    for (const [name, options] of Object.entries(kinds)) {
      const { extradata, samples, annexB } = await clip(codec, options, 3);
      write("parameter_sets", name, [number], annexB);
      write("configuration_record", name, [number], extradata);
      write("configuration_record", `${name}-annex-b`, [number], annexB);
      for (const [i, sample] of samples.slice(0, 2).entries()) {
        write("sample", `${name}-${i}`, [number, 4], block(extradata), sample.bytes);
      }
    }
  }
}

async function makeConversionSeeds() {
  const kinds = {
    usual: "open-gop=1:keyint=6:min-keyint=6:b-adapt=0:bframes=2:b-pyramid=normal",
    cavlc: "open-gop=1:keyint=5:min-keyint=5:b-adapt=0:bframes=1:cabac=0:ref=3:weightp=2",
  };
  for (const [name, params] of Object.entries(kinds)) {
    const { extradata, samples } = await clip("libx264", `-x264-params ${params}`, 14);
    const intra = samples.findIndex(({ key }, i) => key && i > 0);
    const first = samples[intra];
    const before = samples.slice(0, intra).map(({ bytes }) => block(bytes));
    const behind = samples.slice(intra + 1).flatMap(({ bytes, pts }) => [[pts < first.pts ? 0 : 1], block(bytes)]);
    write("idr_conversion", name, block(extradata), [before.length], ...before, block(first.bytes), [7], ...behind);
  }
}

async function makeSoundSeeds() {
  const configs = { "lc-stereo": "1190", "lc-mono": "1208", he: "2b920800", "he-v2": "eb09880000", "explicit-sbr": "119056e500" };
  for (const [name, hex] of Object.entries(configs)) write("aac", name, [1], Buffer.from(hex, "hex"));
  const hum = await ffmpeg(words("-f lavfi -i sine=frequency=440:duration=0.1 -c:a aac -b:a 64k -f adts -"));
  write("aac", "frame", [1], hum.pipes[0].subarray(7, 200));
  write("aac", "spectrum", [0, 19, 8], Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 37) & 255)));
}

function makeConfigSeeds() {
  const config = {
    version: 1,
    id: "one",
    projectId: "one",
    projectName: "One",
    createdAt: "2026-01-01T00:00:00.000Z",
    sources: [{ id: "a", name: "A", filePath: "a.mp4", width: 1920, height: 1080, duration: 10, fps: 30, hasAudio: true }],
    segments: [{ sourceIndex: 0, startTime: 0, endTime: 1.5, audioFromSource: true }],
    output: { filePath: "out.mp4", format: "mp4", codec: "copy", width: 1920, height: 1080, fps: 30, includeAudio: true },
  };
  const options = { mode: "hybrid", audio: "smart", threads: 2, video: { crf: 20, preset: "fast" }, fallback: "fail" };
  write("config", "usual", JSON.stringify({ config, options }));
  write("config", "least", JSON.stringify({ config: { ...config, output: { filePath: "out.mp4" } } }));
  write("config", "wrong", JSON.stringify({ config: { ...config, segments: [{ sourceIndex: 3, startTime: -1, endTime: "x" }] } }));
}

removeSeeds();
await makeVideoSeeds();
await makeConversionSeeds();
await makeSoundSeeds();
makeConfigSeeds();
