#!/usr/bin/env node
// node test/benchmark/media-table.mjs [--seed N] [--only TEXT] [FOLDER]
// Exports every video file of a folder (OPENCUT_MEDIA, else ../shared/media beside the repository): whole, three random
// stretches of it, and one of it beside one of another. The ffmpeg command line checks each export. Prints what was
// copied of each and why not more, and to stderr what the checks found; exits with 1 where they found something. With
// TEXT, only of files whose names hold it, the same stretches of each.
import { readdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { exportVideo, probe } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { cutFrom, mostLagMs } from "../export/exporting.js";
import { randomNumbers } from "../fixtures/multicam-edit.mjs";
import { mediaFolder } from "../support/media.mjs";
import { verifyExport } from "../support/verify/verify-export.mjs";

const unusable = /^(broken|fuzz|zero-length)/;

/** The files that have a moving picture, and how long it is. @param {string} folder */
async function videosIn(folder) {
  const videos = [];
  for (const name of readdirSync(folder).filter((file) => !unusable.test(file)).sort()) {
    const file = path.join(folder, name);
    const info = await probe(file).catch(() => null); // No media: a manifest, subtitles.
    const video = info?.streams.find((stream) => stream.type === "video" && !stream.disposition.includes("attached_pic"));
    if (video) videos.push({ name, file, seconds: video.duration ?? info.duration ?? 1 });
  }
  return videos;
}

/** A stretch of at least a tenth of a second. */
function stretchOf({ seconds }, random) {
  const [a, b] = [random(), random()].sort((x, y) => x - y).map((part) => part * seconds * 0.98);
  return [a, Math.max(b, Math.min(a + 0.1, seconds))];
}

/** @param {[video: { file: string }, stretch: number[]][]} parts */
function editOf(parts) {
  const { config } = cutFrom(parts[0][0].file, []);
  const sources = [...new Set(parts.map(([video]) => video.file))];
  return {
    ...config,
    sources: sources.map((filePath, i) => ({ id: `${i}`, name: `${i}`, filePath })),
    segments: parts.map(([{ file }, [startTime, endTime]]) => ({
      sourceIndex: sources.indexOf(file),
      startTime,
      endTime,
      audioFromSource: true,
    })),
  };
}

/** @param {object} config */
async function tried(config) {
  const output = path.join(temporaryFolder(), "out.mp4");
  try {
    const report = await exportVideo(config, { output, mode: "hybrid" });
    const { findings } = await verifyExport({
      config,
      output,
      maxLagMs: mostLagMs[report.audio?.mode ?? "exact"],
    });
    const { framesCopied, framesEncoded } = report.output;
    const steps = report.runs.flatMap((run) => run.steps);
    const reasons = [...new Set(steps.flatMap((step) => step.reason ?? []))];
    return { copied: `${framesCopied}/${framesCopied + framesEncoded}`, reasons, findings };
  } catch (error) {
    return { copied: "none", reasons: [], findings: [{ code: error.code ?? error.name, message: error.message }] };
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, only: { type: "string", default: "" } },
});
const random = randomNumbers(Number(values.seed));
const videos = await videosIn(positionals[0] ?? mediaFolder);
console.log("| file | whole | three | pair | why not more |\n|---|---|---|---|---|");
let found = 0;
for (const video of videos) {
  const other = videos[Math.floor(random() * videos.length)];
  const edits = {
    whole: editOf([[video, [0, video.seconds]]]),
    three: editOf([0, 1, 2].map(() => [video, stretchOf(video, random)])),
    pair: editOf([video, other].map((one) => [one, stretchOf(one, random)])),
  };
  if (!video.name.includes(values.only)) continue;
  const results = [];
  for (const [kind, config] of Object.entries(edits)) {
    const result = await tried(config);
    results.push(result);
    const cuts = config.segments.map(({ sourceIndex, startTime, endTime }) => `${sourceIndex}:${startTime}-${endTime}`);
    const name = `${video.name}, ${kind} (${kind === "pair" ? `${other.name} ` : ""}${cuts.join(" ")})`;
    for (const { code, message } of result.findings) console.error(`${name}: ${code}: ${message}`);
    found += result.findings.length;
  }
  const reasons = new Set(results.flatMap((result) => result.reasons));
  console.log(`| ${[video.name, ...results.map((result) => result.copied), [...reasons].join("; ")].join(" | ")} |`);
}
process.exitCode = found > 0 ? 1 : 0;
