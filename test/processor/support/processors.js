// Processors in processes of their own, and what is seen of them from outside.
import path from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root, start } from "../../binding/support/programs.js";

const main = path.join(root, "lib/cli/main.js");
const running = new Set();
// A test that failed has not ended its own.
after(() => running.forEach((child) => child.kill("SIGKILL")));

// Far beyond what anything takes: a test that hangs is to say where.
const patienceMs = 120_000;

/**
 * Asks until the answer is truthy.
 * @template T
 * @param {() => T | Promise<T>} ask
 * @param {string} what
 * @param {() => string} [more] What is known when it was asked in vain.
 * @returns {Promise<T>}
 */
export async function until(ask, what, more = () => "") {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain: ${what}\n${more()}`);
    await sleep(5);
  }
}

/**
 * Starts `opencut-libav process`.
 * @param {import("./bases.js").Base} base
 * @param {string[]} [args]
 * @param {Parameters<typeof start>[1]} [options]
 */
export function startProcessor(base, args = [], options = {}) {
  const common = ["--media-base", base.folder, "--poll-interval", "100", "--lease", "2000"];
  const program = start([main, "process", ...common, ...args], options);
  const { child, output } = program;
  running.add(child);
  child.once("close", () => running.delete(child));
  const lines = () => output.stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  return {
    child,
    output,
    pid: child.pid,
    /** Its log so far, as objects. */
    lines,
    /** @param {string} message @param {string} [job] */
    said: (message, job) => lines().filter((line) => line.msg === message && (job === undefined || line.job === job)),
    /** Resolves with the first such line. @param {string} message @param {string} [job] */
    async says(message, job) {
      const found = () => {
        if (child.exitCode !== null) throw new Error(`it ended early:\n${output.stderr}`);
        return this.said(message, job)[0];
      };
      return until(found, `${message} ${job ?? ""}`, () => output.stderr);
    },
    started() {
      return this.says("processor started");
    },
    exit: program.exit,
    /** Ends it as an operator does. */
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      return program.exit();
    },
  };
}

/** @typedef {ReturnType<typeof startProcessor>} Processor */

/** How often a job was published, by the logs of all processors. @param {Processor[]} processors @param {string} id */
export function publications(processors, id) {
  return processors.reduce((sum, each) => sum + each.said("job completed", id).length, 0);
}
