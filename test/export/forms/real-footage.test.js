// Footage that no test made: cameras, phones and screen recorders.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../../binding/support/footage.js";
import { ffmpeg, ffprobe, words } from "../../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../../support/media.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const packetsOf = async (file) =>
  (await ffprobe([...words("-select_streams v:0 -show_packets"), file])).packets.map(({ pts, pts_time: time, size, flags }) => ({
    pts,
    size: Number(size),
    key: flags.startsWith("K"),
    shown: !flags.includes("D"),
    time: Number(time),
  }));

/** The exact times at which pictures of a file begin, and where the last one ends; seconds. */
async function picturesOf(file) {
  const shown = (await ffprobe([...words("-select_streams v:0 -show_packets"), file])).packets;
  const begin = shown.map(({ pts_time: time }) => Number(time)).sort((a, b) => a - b);
  return { begin, end: begin.at(-1) + Number(shown.at(-1).duration_time) };
}

describe("a screen recording that holds its pictures for up to two seconds", () => {
  const file = mediaFile("h264-screenrec-cursed-vfr-3026x1386.mp4");

  test("is copied whole, every picture on screen as long as it was", { skip: !file && noMedia }, async () => {
    const { end } = await picturesOf(file);
    const { report } = await exportAndCheck(cutFrom(file, [[0, end]]));
    assert.equal(report.output.framesEncoded, 0);
  });

  test("is cut within held pictures at the very time that was asked for", { skip: !file && noMedia }, async () => {
    // Within the picture held from 0 to 1.115 s, the one from 2.793 to 3.675 s and the one from 5.586 to 7.156 s.
    const spans = /** @type {[number, number][]} */ ([
      [0.4, 0.9],
      [0.5, 3.2],
      [3.1, 4.02],
      [4.1, 6.5],
    ]);
    const { report } = await exportAndCheck(cutFrom(file, spans));
    const asked = spans.reduce((sum, [start, end]) => sum + end - start, 0);
    assert.ok(Math.abs(report.output.duration - asked) < 0.03, `${report.output.duration} s`);
    assert.equal(report.runs[0].actual.start, 0.4);
    assert.equal(report.runs[0].actual.end, 0.9);
  });
});

describe("other footage is cut exactly", () => {
  const cuts = {
    "h264-aac-1080p25-bframes.mp4": [[0.5, 2.31], [3, 4.2]],
    "h264-long-139s-10fps-cctv-video-only.mp4": [[3.21, 20.07], [120, 139]],
    "mp4-gopro-gpmd-tmcd-2997.mp4": [[1.3, 4.7], [6, 11]],
    "h264-rotate-and-mirror-720p.mp4": [[0.2, 0.9]],
    "mp4-sar-2x1-anamorphic.mp4": [[0.3, 4.1]],
    "mov-h264-1080p50-pcm-sowt.mov": [[0, 0.9], [0.51, 1.2]],
  };
  for (const [name, spans] of Object.entries(cuts)) {
    const file = mediaFile(name);
    test(name, { skip: !file && noMedia }, async () => {
      await exportAndCheck(cutFrom(file, spans), {}, { minCopied: "auto" });
    });
  }
});

describe("the pictures beside copies, on natural footage", () => {
  /** Cuts so that nearly all that is encoded is one stretch of it: from just behind a keyframe. */
  async function encodedStretch(file, keyframe) {
    const packets = (await packetsOf(file)).filter(({ shown }) => shown).sort((a, b) => a.pts - b.pts);
    const begin = packets.map(({ time }) => time);
    const keys = packets.flatMap((packet, i) => (packet.key ? [i] : []));
    const from = keys[keyframe];
    const to = keys[keyframe + 1] ?? packets.length;
    const start = begin[from + 1] ?? 0;
    const sourceBytes = packets.slice(from, to).reduce((sum, { size }) => sum + size, 0) / (to - from);
    const end = begin[to] ?? begin.at(-1);
    return { start, end, first: from + 1, count: to - from - 1, sourceBytes };
  }

  /** The mean of each picture, by plane. @param {string} stats */
  const means = (stats) =>
    ["Y", "U", "V"].map((plane) =>
      [...stats.matchAll(new RegExp(`signalstats\\.${plane}AVG=([\\d.]+)`, "g"))].map(([, value]) => Number(value)),
    );

  /** The lowest PSNR of each plane, dB, and how far its mean is off at most. */
  async function compare(output, file, { first, count }) {
    const { streams } = await ffprobe([...words("-select_streams v:0 -show_streams"), file]);
    const format = streams[0].pix_fmt;
    const levels = format.includes("10") ? 4 : 1; // To one of 8 bits.
    const pick = (input, from) =>
      `[${input}:v:0]trim=start_frame=${from}:end_frame=${from + count},settb=1/25,setpts=N,format=${format}`;
    const folder = temporaryFolder();
    const [madeStats, wantedStats] = ["made", "wanted"].map((name) => path.join(folder, name));
    const print = (label, stats) => `[${label}]signalstats,metadata=print:file=${stats},nullsink`;
    const graph = [
      `${pick(0, 0)},split[a][c]`,
      `${pick(1, first)},split[b][d]`,
      "[a][b]psnr=stats_file=-[p]",
      print("c", madeStats),
      print("d", wantedStats),
    ].join(";");
    const input = ["-noautorotate", "-i", output, "-noautorotate", "-i", file];
    const { pipes } = await ffmpeg([...input, "-filter_complex", graph, ...words("-map [p] -f null -")]);
    const lines = pipes[0].toString().trim().split("\n");
    assert.equal(lines.length, count);
    const worst = ["y", "u", "v"].map((plane) =>
      Math.min(...lines.map((line) => Number(new RegExp(`psnr_${plane}:([\\d.]+|inf)`).exec(line)[1].replace("inf", "99")))),
    );
    const [made, wanted] = [madeStats, wantedStats].map((stats) => means(readFileSync(stats, "utf8")));
    const off = made.flatMap((values, plane) => values.map((value, i) => Math.abs(value - wanted[plane][i]) / levels));
    return { worst, off: Math.max(...off) };
  }


  // Natural footage with more than one keyframe, or whose only GOP can be cut behind its first picture.
  const footage = {
    "h264-aac-1080p25-bframes.mp4": 0,
    "mp4-gopro-gpmd-tmcd-2997.mp4": 4,
    "mkv-h264-opus-30fps-mono.mkv": 0,
    "h264-long-139s-10fps-cctv-video-only.mp4": 2,
    "h264-phone-4k60-vfr-rotated90.mp4": 0,
    "hevc-iphone-720p-vfr-rot90-rasl.mov": 0,
    "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4": 0,
    "hevc-hlg-phone-1080p-audio-first.mp4": 0,
  };
  for (const [name, keyframe] of Object.entries(footage)) {
    const file = mediaFile(name);
    test(`${name}: 38 dB in every plane, in at most 1.5 times the bytes`, { skip: !file && noMedia }, async () => {
      const stretch = await encodedStretch(file, keyframe);
      const { config } = cutFrom(file, [[stretch.start, stretch.end]]);
      const output = path.join(temporaryFolder(), "out.mp4");
      const report = await exportVideo(config, { output, mode: "hybrid" });
      const { worst, off } = await compare(output, file, { ...stretch, count: report.output.framesEncoded });
      const coded = (await packetsOf(output)).slice(0, report.output.framesEncoded);
      const bytes = coded.reduce((sum, { size }) => sum + size, 0) / coded.length;
      if (process.env.OPENCUT_SHOW_FIGURES)
        console.log(
          `${name}: ${coded.length} pictures, ${worst.join(" / ")} dB, means ${off} off, ` +
            `${(bytes / stretch.sourceBytes).toFixed(2)} times the source's bytes`,
        );
      assert.ok(Math.min(...worst) >= 38, `${worst.join(", ")} dB`);
      assert.ok(off <= 0.5, `a mean is ${off} off`);
      assert.ok(bytes <= 1.5 * stretch.sourceBytes, `${bytes} bytes a picture, ${stretch.sourceBytes} in the source`);
    });
  }
});

describe("times that are told oddly", () => {
  const late = mediaFile("mp4-edit-list-empty-edit-1s-video-late.mp4");
  test("by the edit list of a phone that hides what it recorded first", { skip: !late && noMedia }, async () => {
    const { format } = await ffprobe(["-show_format", late]);
    await exportAndCheck(cutFrom(late, [[1.1, Number(format.duration) - 0.1]]));
  });

  const wrapped = mediaFile("ts-pts-wrap-h264-aac.ts");
  test("by a broadcast whose clock starts over", { skip: !wrapped && noMedia }, async () => {
    const { format } = await ffprobe(["-show_format", wrapped]);
    await exportAndCheck(cutFrom(wrapped, [[0.2, Number(format.duration) * 0.8]]));
  });
});
