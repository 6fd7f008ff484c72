#!/usr/bin/env node
// npm run demo
// From a bare clone to an exported file: sets up, compiles, films three cameras, and cuts between them
// frame-exactly.
import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { buildRelease } from "./steps/build.mjs";
import { main, output } from "./steps/command.mjs";
import { root } from "./steps/platform.mjs";
import { setup } from "./steps/setup.mjs";

const folder = path.join(root, "out", "demo");
const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

const labelWidth = 12;
/** A line, or lines, with what they are about in front. */
function tell(label, ...lines) {
  lines.forEach((line, i) => console.log(`${(i === 0 ? label : "").padEnd(labelWidth)}${line}`));
}

async function timed(body) {
  const start = performance.now();
  const result = await body();
  return { result, ms: performance.now() - start };
}

async function makeSample() {
  const { makeMulticam, presets } = await import("../test/fixtures/make-multicam.mjs");
  const { result: set, ms } = await timed(() => makeMulticam(presets.demo, folder));
  const { cameras, seconds, size, fps, gop } = set.options;
  tell(
    "Sample",
    `${cameras} cameras of ${seconds} s, ${size} at ${fps[0]} pictures per second, a keyframe every ${gop} ` +
      `(${inSeconds(ms)})`,
  );
  tell("Edit", `${set.config.segments.length} segments: ${path.relative(root, set.configPath)}`);
  return set;
}

/** How far from the sum of the lengths before it a run begins at most, in milliseconds. */
function farthestCut(plan) {
  let wanted = 0;
  const distances = plan.runs.map(({ requested, timelineStart }) => {
    const distance = Math.abs(timelineStart - wanted);
    wanted += requested.end - requested.start;
    return distance;
  });
  return 1000 * Math.max(...distances);
}

async function showPlan(set, options) {
  const { planExport } = await import("../lib/index.js");
  const { drawTimeline } = await import("../lib/cli/timeline.js");
  const plan = await planExport(set.config, options);
  const { framesCopied, framesEncoded } = plan.output;
  const halfFrame = (500 * plan.output.frameRate[1]) / plan.output.frameRate[0];
  console.log("");
  tell(
    "Plan",
    ...drawTimeline(plan, (source) => set.config.sources[source].name, (process.stdout.columns || 92) - labelWidth),
  );
  tell(
    "",
    `${framesCopied} pictures copied, ${framesEncoded} encoded; cuts at most ${farthestCut(plan).toFixed(1)} ms from ` +
      `where the edit puts them (half a frame is ${halfFrame.toFixed(1)} ms)`,
  );
}

async function exportIt(set, options) {
  const { exportVideo } = await import("../lib/index.js");
  const { createProgressBar } = await import("../lib/cli/progress_bar.js");
  const bar = createProgressBar();
  try {
    return await exportVideo(set.config, { ...options, onProgress: bar.update });
  } finally {
    bar.stop();
  }
}

function tellReport({ output: file, elapsedMs }) {
  const { framesCopied, framesEncoded, duration } = file;
  console.log("");
  tell(
    "Export",
    `${framesCopied} of ${framesCopied + framesEncoded} pictures copied, ${framesEncoded} encoded in ` +
      `${inSeconds(elapsedMs)}: ${((duration * 1000) / elapsedMs).toFixed(1)} times as fast as it plays`,
  );
}

const playingTime = (file) =>
  Number(output(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file]));

/** What cutting at keyframes with one ffmpeg per segment makes of the same edit. */
async function tellTodaysWay(set) {
  const { cutAndConcatenate } = await import("../test/benchmark/command-line-ways.mjs");
  const file = path.join(folder, "todays-way.mp4");
  const { ms } = await timed(() =>
    cutAndConcatenate({ config: set.config, base: set.base, output: file, encode: false }),
  );
  const wanted = set.config.segments.reduce((sum, s) => sum + s.endTime - s.startTime, 0);
  const got = playingTime(file);
  const processes = set.config.segments.length + 1;
  tell(
    "Today's way",
    `${processes} ffmpeg processes, ${inSeconds(ms)}; ${got.toFixed(2)} s long instead of ${wanted.toFixed(2)} s: ` +
      `${Math.abs(got - wanted).toFixed(2)} s ${got > wanted ? "repeated" : "lost"} at the cuts`,
  );
  rmSync(file);
}

async function check(set, file) {
  const { verifyExport } = await import("../test/support/verify/verify-export.mjs");
  const { result, ms } = await timed(() =>
    verifyExport({ config: set.config, output: file, mediaBase: set.base, maxLagMs: 1, minCopied: "auto" }),
  );
  const { frames, identicalFrames, soundLagMs } = result.facts;
  if (result.ok) {
    tell(
      "Check",
      `passed by the ffmpeg command line: all ${frames} pictures are the ones the edit asks for,`,
      `${identicalFrames} of them to the bit; sound ${soundLagMs === 0 ? "to the sample" : `${soundLagMs.toFixed(2)} ms late`} ` +
        `(${inSeconds(ms)})`,
    );
  } else {
    tell("Check", "FAILED", ...result.findings.map((finding) => `${finding.code}: ${finding.message}`));
    process.exitCode = 1;
  }
}

await main(async () => {
  const { ms } = await timed(() => {
    setup(["build", "demo"], { quiet: true });
    buildRelease({ quiet: true });
  });
  console.log("");
  tell("Ready", `set up and compiled in ${inSeconds(ms)}`);
  mkdirSync(folder, { recursive: true });
  const set = await makeSample();
  const file = path.join(folder, "output.mp4");
  const options = { mediaBasePath: set.base, output: file, mode: "hybrid", audio: "exact" };
  await showPlan(set, options);
  const report = await exportIt(set, options);
  tellReport(report);
  await tellTodaysWay(set);
  await check(set, file);
  console.log("");
  tell("The file", `${path.relative(process.cwd(), file)} (${megabytes(statSync(file).size)})`);
});
