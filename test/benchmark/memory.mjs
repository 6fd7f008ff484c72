#!/usr/bin/env node
// node test/benchmark/memory.mjs [--size 1920x1080,3840x2160] [--threads 2,8] [--sources NAMES] [--ways NAMES]
// The most memory that one export has resident in a child, by the picture's size, codec, way and threads, beside what
// lib/children/cost.js expects. Prints the rows that ARCHITECTURE.md has, "Children".
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ALLOCATOR } from "../../lib/children/child.js";
import { estimateCost } from "../../lib/children/cost.js";
import { planExport } from "../../lib/index.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { measure } from "./measure.mjs";

const trial = fileURLToPath(new URL("trial.mjs", import.meta.url));
const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1920x1080,3840x2160" },
    threads: { type: "string", default: "2,8" },
    sources: { type: "string" },
    ways: { type: "string" },
  },
});
Object.assign(process.env, ALLOCATOR);
/** Made from the H.264 footage where there are arguments for it. `isEncoded`: none of it can be copied. */
const kinds = {
  "H.264": { codec: "libx264" },
  HEVC: { codec: "libx265" },
  "HEVC 10 bits": {
    codec: "libx264",
    args: words("-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -g 50 -x265-params log-level=error -tag:v hvc1"),
  },
  VP9: {
    codec: "libx264",
    args: words("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -g 50 -b:v 8M"),
    isEncoded: true,
  },
};
const sizes = values.size.split(",");
const threadCounts = values.threads.split(",").map(Number);
const ways = {
  copy: { mode: "copy" },
  hybrid: { mode: "hybrid" },
  "reencode to H.264": { mode: "reencode", codec: "h264" },
  "reencode to HEVC": { mode: "reencode", codec: "h265" },
  "reencode to WebM": { mode: "reencode", format: "webm" },
};
/** @template T @param {Record<string, T>} all @param {string | undefined} names @returns {[string, T][]} */
const chosen = (all, names) => Object.entries(all).filter(([name]) => !names || names.split(",").includes(name));
const mebibytes = (bytes) => Math.round(bytes / 2 ** 20);

async function footage(size, { codec, args }, scratch) {
  const made = await makeMulticam({
    cameras: 3,
    seconds: 3,
    size,
    codec,
    gop: 50,
    segments: 6,
    bitrate: size === "3840x2160" ? "30M" : "8M",
    speed: "ultrafast",
  });
  if (!args) return made;
  const base = mkdtempSync(path.join(scratch, "base-"));
  mkdirSync(path.join(base, "sources"));
  for (const { filePath } of made.config.sources) {
    const [from, to] = [made.base, base].map((each) => path.join(each, "sources", filePath));
    await ffmpeg(["-i", from, ...args, "-c:a", "copy", to]);
  }
  return { ...made, base };
}

async function measured({ config, base }, { mode, codec = "copy", format = "mp4" }, threads) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "opencut-memory-"));
  try {
    const [width, height] = [config.output.width, config.output.height];
    const request = {
      way: "own",
      base,
      config: { ...config, output: { ...config.output, width, height, codec, format } },
      output: path.join(folder, `out.${format}`),
      options: { mode, threads },
    };
    const plan = await planExport(request.config, { mediaBasePath: base, mode, threads });
    const { text } = await measure([process.execPath, trial, JSON.stringify(request)]);
    return { peakBytes: JSON.parse(text).peakBytes, expected: estimateCost(plan, { threads, sources: config.sources }) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const scratch = mkdtempSync(path.join(os.tmpdir(), "opencut-footage-"));
process.on("exit", () => rmSync(scratch, { recursive: true }));
console.log(`| size, sources | way | ${threadCounts.map((count) => `${count} threads`).join(" | ")} |`);
console.log(`|---|---|${threadCounts.map(() => "---").join("|")}|`);
for (const size of sizes) {
  for (const [source, kind] of chosen(kinds, values.sources)) {
    const set = await footage(size, kind, scratch);
    for (const [name, way] of chosen(ways, values.ways)) {
      if (way.mode === "copy" && kind.isEncoded) continue;
      const cells = [];
      for (const threads of way.mode === "copy" ? [1] : threadCounts) {
        const { peakBytes, expected } = await measured(set, way, threads);
        cells.push(`${mebibytes(peakBytes)} of ${mebibytes(expected.memoryBytes)}`);
      }
      console.log(`| ${size} ${source} | ${name} | ${cells.join(" | ")} |`);
    }
  }
}
