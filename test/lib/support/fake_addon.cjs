// Stands in for the compiled addon: the same interface (types/native.d.ts), and a script instead of libav.
"use strict";
const { writeSync } = require("node:fs");
const samples = require("./samples.cjs");

const RESULTS = { probe: samples.mediaInfo, plan: samples.plan, export: samples.report };

/**
 * @typedef {object} FakeJob
 * @property {"probe" | "plan" | "export"} kind
 * @property {any} request
 * @property {(progress?: object) => void} progress
 * @property {(line?: object) => void} log
 * @property {(result?: object) => void} resolve
 * @property {(details: object, message?: string) => void} reject
 * @property {boolean} settled
 * @property {number} cancelCount
 */

// What a job does once it runs; by name for programs in a process of their own (FAKE_SCRIPT), or set by a test as exports.script.
const SCRIPTS = {
  /** @param {FakeJob} job */
  succeed: (job) => job.resolve(),
  /** Gives the request back as the result. @param {FakeJob} job */
  echo: (job) => job.resolve(job.request),
  /** @param {FakeJob} job */
  "report-progress": (job) => {
    job.progress({ progress: 0.25 });
    job.progress({ progress: 1, phase: "verifying", speed: 3.21, etaSeconds: 61 });
    setTimeout(job.resolve, 300);
  },
  /** @param {FakeJob} job */
  hang: (job) => {
    writeSync(2, "fake: started\n");
    const alive = setInterval(() => {
      if (job.cancelCount === 0) return;
      clearInterval(alive);
      job.reject({ code: "ABORTED" });
    }, 5);
  },
  "ignore-cancel": () => {
    writeSync(2, "fake: started\n");
    setInterval(() => {}, 1000);
  },
  /** @param {FakeJob} job */
  fail: (job) => job.reject(JSON.parse(String(process.env.FAKE_FAILURE))),
};

/** @type {FakeJob[]} Every job ever started. */
exports.jobs = [];
/** @type {((job: FakeJob) => void) | undefined} */
exports.script = undefined;

exports.start = (kind, requestJson, onProgress, onLog) => {
  if (typeof requestJson !== "string") throw new TypeError("requestJson: expected a string");
  let settle;
  const done = new Promise((resolve, reject) => (settle = { resolve, reject }));
  /** @type {FakeJob} */
  const job = {
    kind,
    request: JSON.parse(requestJson),
    settled: false,
    cancelCount: 0,
    progress: (progress) => onProgress?.(JSON.stringify({ ...samples.progress, ...progress })),
    log: (line) => onLog?.(JSON.stringify({ ...samples.logLine, ...line })),
    resolve: (result = RESULTS[kind]) => {
      job.settled = true;
      settle.resolve(JSON.stringify(result));
    },
    reject: (details, message = "it failed") => {
      job.settled = true;
      settle.reject(Object.assign(new Error(message), { details: JSON.stringify(details) }));
    },
  };
  exports.jobs.push(job);
  const script = exports.script ?? SCRIPTS[process.env.FAKE_SCRIPT ?? "succeed"];
  setImmediate(() => script(job));
  return { done, cancel: () => void job.cancelCount++ };
};
exports.capabilities = () => JSON.stringify(samples.capabilities);
exports.cancelAll = (timeoutMs) => {
  const running = exports.jobs.filter((job) => !job.settled);
  for (const job of running) job.cancelCount++;
  writeSync(2, `fake: cancelAll(${timeoutMs}) of ${running.length}\n`);
};
exports.activeJobs = () => exports.jobs.filter((job) => !job.settled).length;
