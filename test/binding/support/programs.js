// Programs that export in a process of their own, which can be ended and held at a chosen system call.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./footage.js";
import { preloaded } from "./preloaded.js";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const heldCallsSource = fileURLToPath(new URL("held_calls.c", import.meta.url));

let heldCalls;

function heldCallsLibrary() {
  if (heldCalls) return heldCalls;
  const library = path.join(temporaryFolder(), "held_calls.so");
  const args = ["-x", "c", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, heldCallsSource];
  const { status, stderr } = spawnSync(process.env.CXX ?? "g++", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`held_calls.c does not compile:\n${stderr}`);
  return (heldCalls = library);
}

/**
 * Starts this same runtime on a program given as the text of an ES module, or on `argv`.
 * @param {string | string[]} program
 * @param {{ env?: Record<string, string>, wrap?: string[], args?: string[], cwd?: string }} [options] `wrap`: a
 * program to run it under; `args`: of the runtime.
 */
export function start(program, { env = {}, wrap = [], args = [], cwd = root } = {}) {
  const argv = typeof program === "string" ? ["--input-type=module", "-e", program] : program;
  const [command, ...rest] = [...wrap, process.execPath, ...args, ...argv];
  const runtime = preloaded ? { LD_PRELOAD: preloaded } : {};
  const child = spawn(command, rest, {
    cwd,
    env: { ...process.env, ...runtime, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output.stderr += text));
  const closed = once(child, "close");
  return {
    child,
    output,
    /** Resolves when stdout holds `text`. @param {string} text */
    async said(text) {
      while (!output.stdout.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended early:\n${output.stderr}`);
        await Promise.race([once(child.stdout, "data"), closed]);
      }
    },
    async exit() {
      const [code, signal] = await closed;
      return { code, signal, ...output };
    },
  };
}

const options = process.env.ASAN_OPTIONS;
/** For programs that end with jobs running: a sanitizer would find all leaked that the runtime has. */
export const withoutLeakCheck = { ASAN_OPTIONS: options ? `${options}:detect_leaks=0` : "detect_leaks=0" };

/** @param {Parameters<typeof start>} args */
export const run = (...args) => start(...args).exit();

/**
 * The environment in which a program fails at a call or waits there.
 * @param {{ call: "open" | "pread" | "pwrite" | "fsync" | "rename", on: string, nth?: number, errno?: number,
 *   signal?: number, eating?: boolean }} held `on`: in the path of the file; `eating`: it takes all memory there is.
 */
export function holding({ call, on, nth = 1, errno, signal, eating }) {
  const gate = path.join(temporaryFolder(), "gate");
  // A sanitizer's runtime must stay the first.
  const preload = [preloaded, heldCallsLibrary()].filter(Boolean).join(" ");
  const what = {
    HELD_GATE: gate,
    ...(errno !== undefined && { HELD_ERRNO: String(errno) }),
    ...(signal !== undefined && { HELD_SIGNAL: String(signal) }),
    ...(eating && { HELD_EATING: "1" }),
  };
  return {
    gate,
    env: { LD_PRELOAD: preload, HELD_CALL: `${call} ${on} ${nth}`, ...what },
    async reached() {
      while (!existsSync(gate)) await sleep(2);
    },
    release: () => rmSync(gate),
  };
}
