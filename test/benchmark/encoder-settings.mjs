#!/usr/bin/env node
// node test/benchmark/encoder-settings.mjs [h264 | hevc | FILE] ...
// What encoder settings beside copies cost and give, on the first GOP of natural footage: processor seconds a picture,
// bytes against the source's, the lowest PSNR of any picture's plane. ARCHITECTURE.md, "Encoder settings".
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { attempt, ffmpeg, ffprobe, words } from "../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../support/media.mjs";
import { measure } from "./measure.mjs";

const footage = {
  h264: [
    "h264-aac-1080p25-bframes.mp4",
    "mp4-gopro-gpmd-tmcd-2997.mp4",
    "mkv-h264-opus-30fps-mono.mkv",
    "h264-phone-4k60-vfr-rotated90.mp4",
  ],
  hevc: [
    "hevc-iphone-720p-vfr-rot90-rasl.mov",
    "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4",
    "hevc-hlg-phone-1080p-audio-first.mp4",
    "hevc-dolby-vision-p81-pq-5994.mp4",
    "hevc-open-gop-rasl-720p-aac.mp4",
  ],
};
// As src/pipelines/encoder_settings.cc and src/media/encoder.cc have them.
const encoders = {
  h264: ["libx264", "-x264-params", "stitchable=1:scenecut=0:rc-lookahead=4"],
  hevc: ["libx265", "-x265-params", "log-level=none:info=0:scenecut=0:frame-threads=1:pools=1"],
};
const presets = ["ultrafast", "superfast", "veryfast", "faster", "fast"];
const qualities = { h264: [17, 19, 21], hevc: [18, 20, 22] };
const mostPictures = 60;

/** Its first GOP, at most 60 pictures of it, without loss. */
async function firstGop(file, folder) {
  const { packets, streams } = await ffprobe([...words("-select_streams v:0 -show_packets -show_streams"), file]);
  const next = packets.findIndex(({ flags }, i) => i > 0 && flags.startsWith("K"));
  const count = Math.min(mostPictures, next > 0 ? next : packets.length);
  const bytes = packets.slice(0, count).reduce((sum, { size }) => sum + Number(size), 0);
  const raw = path.join(folder, `${path.basename(file)}.mkv`);
  const input = ["-noautorotate", "-i", file, "-frames:v", String(count)];
  await ffmpeg([...input, ...words("-map 0:v:0 -vf setpts=N/25/TB -r 25 -c:v ffv1"), raw]);
  return { raw, count, bytes, codec: streams[0].codec_name };
}

async function worstPlane(coded, raw) {
  const same = "[0]setpts=N/25/TB[a];[1]setpts=N/25/TB[b];[a][b]psnr=stats_file=-";
  const args = ["-v", "error", "-i", coded, "-i", raw, "-lavfi", same, "-f", "null", "-"];
  const { pipes } = await attempt("ffmpeg", args);
  const values = [...pipes[0].toString().matchAll(/psnr_[yuv]:([\d.]+)/g)].map(([, value]) => Number(value));
  return Math.min(...values);
}

async function trial({ raw, count, bytes, codec }, preset, crf, folder) {
  const coded = path.join(folder, `coded.${codec}`);
  const [encoder, ...parameters] = encoders[codec];
  const settings = words(`-c:v ${encoder} -preset ${preset} -crf ${crf} -bf 0 -g 9999 -threads 1`);
  const read = ["ffmpeg", ...words("-v error -nostdin -y -i"), raw];
  const whole = await measure([...read, ...settings, ...parameters, coded]);
  const decoding = await measure([...read, "-f", "null", "-"]);
  return {
    milliseconds: (1000 * (whole.cpu - decoding.cpu)) / count,
    ratio: statSync(coded).size / bytes,
    psnr: await worstPlane(coded, raw),
  };
}

const given = process.argv.slice(2);
const wanted = given.length > 0 ? given : Object.keys(footage);
const files = wanted.flatMap((name) => footage[name]?.map(mediaFile).filter(Boolean) ?? name);
if (files.length === 0) throw new Error(noMedia);
const folder = mkdtempSync(path.join(os.tmpdir(), "encoder-settings-"));
try {
  for (const file of files) {
    const gop = await firstGop(file, folder);
    console.log(`${path.basename(file)}, ${gop.count} pictures`);
    for (const preset of presets) {
      for (const crf of qualities[gop.codec]) {
        const { milliseconds, ratio, psnr } = await trial(gop, preset, crf, folder);
        const cells = [`${milliseconds.toFixed(1)} ms`, `${ratio.toFixed(2)} x`, `${psnr.toFixed(1)} dB`];
        console.log(`  ${preset.padEnd(10)} crf ${crf}${cells.map((cell) => cell.padStart(10)).join("")}`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
