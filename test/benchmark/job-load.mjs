#!/usr/bin/env node
// node test/benchmark/job-load.mjs [--jobs N] [--concurrency N] [--runs N] [--isolation process|none]
// What the processor costs beside its exports: many short hybrid jobs, by it and by a loop of exportVideo at the same
// concurrency, in interleaved runs. Prints CPU a job, throughput, memory and the event loop's delay.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exportVideo } from "../../lib/index.js";
import { createProcessor } from "../../lib/processor/index.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { measure, median } from "./measure.mjs";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "200" },
    concurrency: { type: "string", default: "2" },
    isolation: { type: "string", default: "process" },
    runs: { type: "string", default: "3" },
    way: { type: "string" },
    base: { type: "string" },
  },
});
const [jobs, concurrency] = [Number(values.jobs), Number(values.concurrency)];
const ids = Array.from({ length: jobs }, (_, i) => `job-${i}`);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @param {string} id @param {object} config */
const configOf = (id, config) => ({
  ...config,
  id,
  output: { ...config.output, filePath: `exports/${id}/output.mp4` },
});

async function inLoop(base, config) {
  const waiting = [...ids];
  const worker = async () => {
    for (let id = waiting.shift(); id; id = waiting.shift()) {
      await exportVideo(configOf(id, config), { mediaBasePath: base });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function inProcessor(base) {
  const { isolation } = values;
  const processor = createProcessor({ mediaBasePath: base, concurrency, isolation, logger: silent });
  await processor.start();
  while (processor.metrics().jobsCompleted < jobs) {
    if (processor.metrics().jobsFailed > 0) throw new Error("a job failed");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await processor.stop();
}

async function trial() {
  const { config } = JSON.parse(process.env.JOB_LOAD);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const startedMs = performance.now();
  await (values.way === "loop" ? inLoop(values.base, config) : inProcessor(values.base));
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      elapsedMs,
      ownCpuMs: (user + system) / 1000 / jobs,
      rssBytes: process.memoryUsage.rss(),
      p99Ms: delay.percentile(99) / 1e6,
    }),
  );
}

/** A base in which all jobs are submitted. */
function makeBase(scratch, footage) {
  const base = mkdtempSync(path.join(scratch, "base-"));
  cpSync(path.join(footage.base, "sources"), path.join(base, "sources"), { recursive: true });
  for (const id of ids) {
    const folder = path.join(base, "exports", id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "config.json"), JSON.stringify(configOf(id, footage.config)));
    writeFileSync(path.join(folder, "status.json"), JSON.stringify({ jobId: id, status: "pending", progress: 0 }));
  }
  return base;
}

async function compare() {
  const footage = await makeMulticam();
  const scratch = mkdtempSync(path.join(os.tmpdir(), "opencut-load-"));
  process.env.JOB_LOAD = JSON.stringify({ config: footage.config });
  const results = { loop: [], processor: [] };
  try {
    for (let run = 0; run < Number(values.runs); run++) {
      for (const way of Object.keys(results)) {
        const base = makeBase(scratch, footage);
        const args = ["--jobs", values.jobs, "--concurrency", values.concurrency, "--isolation", values.isolation];
        const own = [process.execPath, fileURLToPath(import.meta.url), ...args, "--way", way, "--base", base];
        const { cpu, text } = await measure(own);
        results[way].push({ cpuMs: (1000 * cpu) / jobs, ...JSON.parse(text) });
        rmSync(base, { recursive: true });
      }
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  for (const [way, runs] of Object.entries(results)) {
    const of = (/** @type {string} */ key) => median(runs.map((each) => each[key]));
    console.log(
      `${way}: ${of("cpuMs").toFixed(1)} ms of CPU a job (${of("ownCpuMs").toFixed(1)} its own), ` +
        `${((1000 * jobs) / of("elapsedMs")).toFixed(1)} jobs a second, ` +
        `${Math.round(of("rssBytes") / 2 ** 20)} MiB, event loop p99 ${of("p99Ms").toFixed(1)} ms`,
    );
  }
}

await (values.way ? trial() : compare());
