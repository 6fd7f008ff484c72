#!/usr/bin/env node
// npm run bench [-- --only copy,hybrid,reencode,probe,native] [--runs N] [--seconds N] [--size WxH] [--segments N]
//               [--threads N] [--no-quality]
// Whole exports against the ffmpeg command line: a table here, everything in build/bench/<date>.json.
// "native" runs the Google Benchmark program of the pure parts.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildRelease } from "./steps/build.mjs";
import { main, output, run, StepFailed } from "./steps/command.mjs";
import { processors, releaseDirectory, root } from "./steps/platform.mjs";
import { setup } from "./steps/setup.mjs";

const allParts = ["copy", "hybrid", "reencode", "probe", "native"];
const results = path.join(root, "build", "bench");

function parse() {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: allParts.join(",") },
      runs: { type: "string", default: "5" },
      seconds: { type: "string", default: "120" },
      size: { type: "string", default: "1920x1080" },
      segments: { type: "string", default: "21" },
      threads: { type: "string", default: String(processors) },
      "no-quality": { type: "boolean", default: false },
    },
  });
  const only = values.only.split(",");
  const unknown = only.find((part) => !allParts.includes(part));
  if (unknown) throw new StepFailed(`--only ${unknown}: expected some of ${allParts.join(",")}`);
  const number = (name) => {
    if (!/^[1-9]\d*$/.test(values[name]))
      throw new StepFailed(`--${name} ${values[name]}: expected a whole number from 1 on`);
    return Number(values[name]);
  };
  return {
    only,
    runs: number("runs"),
    seconds: number("seconds"),
    segments: number("segments"),
    threads: number("threads"),
    size: values.size,
    quality: !values["no-quality"],
  };
}

const machine = () => ({
  cpu: os.cpus()[0].model,
  cores: processors,
  memoryBytes: os.totalmem(),
  node: process.version,
  ffmpeg: output(["ffmpeg", "-version"])?.split("\n")[0],
  commit: output(["git", "rev-parse", "HEAD"])?.trim(),
});

async function wholeExports(options, say) {
  const { makeMulticam, presets } = await import("../test/fixtures/make-multicam.mjs");
  const { runWholeExports } = await import("../test/benchmark/whole-exports.mjs");
  const { seconds, size, segments } = options;
  say(`footage: 3 cameras, ${seconds} s, ${size}, ${segments} segments (encoded once)`);
  const set = await makeMulticam({ ...presets.bench, seconds, size, segments });
  const figures = await runWholeExports({ ...options, set, folder: path.join(results, "outputs"), say });
  return { footage: set.options, ...figures };
}

async function nativeBenchmarks(date) {
  const { makeMulticam } = await import("../test/fixtures/make-multicam.mjs");
  const { sources } = await makeMulticam({ cameras: 1, seconds: 20, size: "1920x1080", gop: 60, speed: "ultrafast" });
  const program = path.join(releaseDirectory(), "test", "opencut_benchmark");
  if (!existsSync(program)) throw new StepFailed("there is no benchmark of the pure parts to run");
  run([program, `--benchmark_out=${path.join(results, `${date}-native.json`)}`, "--benchmark_out_format=json"], {
    env: { OPENCUT_BENCHMARK_FILE: sources[0] },
  });
}

await main(async () => {
  const options = parse();
  const native = options.only.includes("native");
  setup(["build", "bench"]);
  buildRelease({ benchmarks: native });
  mkdirSync(results, { recursive: true });
  const date = new Date().toISOString().replace(/[:.]/g, "-");
  if (native) await nativeBenchmarks(date);
  if (options.only.some((part) => part !== "native")) {
    const { figureTable, targets, targetTable } = await import("../test/benchmark/targets.mjs");
    const figures = await wholeExports(options, console.log);
    const reached = targets(figures, { cores: processors, seconds: options.seconds });
    const file = path.join(results, `${date}.json`);
    writeFileSync(
      file,
      `${JSON.stringify({ date, machine: machine(), options, ...figures, targets: reached }, null, 2)}\n`,
    );
    console.log(
      ["", ...figureTable(figures.medians), "", ...targetTable(reached), "", path.relative(root, file)].join("\n"),
    );
  }
});
