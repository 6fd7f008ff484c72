// Whole exports by this addon against the ffmpeg command line, interleaved, each trial in a fresh process.
import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { measureQuality, wholeEncode } from "./command-line-ways.mjs";
import { measure, median } from "./measure.mjs";
import { unitCosts } from "./unit-costs.mjs";

const trialFile = fileURLToPath(new URL("trial.mjs", import.meta.url));
const probeCalls = 300;

/**
 * The contenders by name, and the parts of the benchmark that each is needed for.
 * @type {Record<string, { parts: string[], way: string, codec?: string, options?: object, encode?: boolean,
 *   onIdr?: boolean }>}
 */
const contenders = {
  "own copy": { parts: ["copy", "hybrid"], way: "own", codec: "copy", options: { mode: "copy" } },
  "today copy": { parts: ["copy"], way: "today", codec: "copy", encode: false },
  "own hybrid": { parts: ["hybrid"], way: "own", codec: "copy", options: { mode: "hybrid", audio: "smart" } },
  "own hybrid, exact sound": { parts: ["hybrid"], way: "own", codec: "copy", options: { mode: "hybrid", audio: "exact" } },
  "own hybrid on IDR": { parts: ["hybrid"], way: "own", codec: "copy", options: { mode: "hybrid", audio: "smart" }, onIdr: true },
  "own copy on IDR": { parts: ["hybrid"], way: "own", codec: "copy", options: { mode: "copy" }, onIdr: true },
  "own reencode": {
    parts: ["reencode"],
    way: "own",
    codec: "h264",
    options: {
      mode: "reencode",
      video: { preset: wholeEncode.preset, crf: wholeEncode.crf },
      audioBitrate: wholeEncode.audioBitrate,
    },
  },
  "one ffmpeg": { parts: ["reencode"], way: "oneProcess", codec: "h264" },
  "today reencode": { parts: ["reencode"], way: "today", codec: "h264", encode: true },
  "own probe": { parts: ["probe"], way: "probe" },
  ffprobe: { parts: ["probe"], way: "ffprobe" },
};

export const parts = ["copy", "hybrid", "reencode", "probe"];

/** The edit with every cut moved to the nearest IDR picture, no segment shorter than a GOP. */
function cutOnIdr(config, { gop, fps }) {
  const interval = gop / Number(fps[0]);
  const segments = config.segments.map((segment) => {
    const start = Math.round(segment.startTime / interval);
    const end = Math.max(start + 1, Math.round(segment.endTime / interval));
    return { ...segment, startTime: start * interval, endTime: end * interval };
  });
  return { ...config, segments };
}

function requestOf({ way, codec, options, encode, onIdr }, { set, folder, threads }) {
  if (way === "probe") return { way, file: set.sources[0], calls: probeCalls };
  const output = path.join(folder, "output.mp4");
  return {
    way,
    config: { ...(onIdr ? cutOnIdr(set.config, set.options) : set.config), output: { ...set.config.output, codec } },
    base: set.base,
    output,
    encode,
    options: { threads, ...options },
  };
}

async function tryOnce(contender, context) {
  if (contender.way === "ffprobe") {
    return measure(["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", context.set.sources[0]]);
  }
  const request = requestOf(contender, context);
  const { wall, cpu, text } = await measure([process.execPath, trialFile, JSON.stringify(request)]);
  const facts = JSON.parse(text.trim().split("\n").at(-1));
  return { wall, cpu, ...facts, outputBytes: request.output ? statSync(request.output).size : undefined };
}

const medians = (trials) =>
  Object.fromEntries(
    Object.keys(trials[0])
      .filter((key) => typeof trials[0][key] === "number")
      .map((key) => [key, median(trials.map((t) => t[key]))]),
  );

/** How like its pictures each way's full encode is: once, since the encoder gives the same every time. */
async function qualities(names, context) {
  const found = {};
  for (const name of names.filter((n) => n === "own reencode" || n === "one ffmpeg")) {
    const contender = contenders[name];
    await tryOnce(contender, context);
    const { config, base, output } = requestOf(contender, context);
    found[name] = await measureQuality({ config, base, output });
  }
  return found;
}

/**
 * @param {object} options
 * @param {import("../fixtures/make-multicam.mjs").Multicam} options.set
 * @param {string} options.folder Where outputs are written.
 * @param {string[]} options.only Of `parts`.
 * @param {number} options.runs
 * @param {number} options.threads
 * @param {boolean} options.quality Measure PSNR too.
 * @param {(text: string) => void} options.say
 */
export async function runWholeExports({ set, folder, only, runs, threads, quality, say }) {
  const names = Object.keys(contenders).filter((name) => contenders[name].parts.some((part) => only.includes(part)));
  const context = { set, folder, threads };
  const trials = Object.fromEntries(names.map((name) => [name, []]));
  const costs = [];
  mkdirSync(folder, { recursive: true });
  for (let run = 0; run < runs; run++) {
    // Another one goes first each time, so that no one always comes after the same neighbour.
    const order = [...names.slice(run % names.length), ...names.slice(0, run % names.length)];
    for (const name of order) {
      const trial = await tryOnce(contenders[name], context);
      delete trial.text;
      trials[name].push(trial);
      say(`run ${run + 1} of ${runs}: ${name}, ${trial.wall.toFixed(2)} s, ${trial.cpu.toFixed(2)} CPU s`);
    }
    if (only.includes("hybrid"))
      costs.push(
        await unitCosts({ file: set.sources[0], fps: set.config.sources[0].fps, length: set.options.seconds }),
      );
  }
  const psnr = quality ? await qualities(names, context) : {};
  rmSync(folder, { recursive: true });
  return {
    trials,
    medians: Object.fromEntries(names.map((name) => [name, medians(trials[name])])),
    unitCosts: costs.length > 0 ? medians(costs) : null,
    quality: psnr,
  };
}
