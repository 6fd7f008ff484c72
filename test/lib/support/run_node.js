// Programs in a process of their own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fakeAddonPath } from "./fake.js";

export const root = path.resolve(fileURLToPath(new URL("../../..", import.meta.url)));

/**
 * Starts this same runtime.
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, stdin?: string | null }} [options] `stdin: null`
 * leaves it open.
 */
export function startNode(args, { cwd = root, env = {}, stdin } = {}) {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, OPENCUT_LIBAV_BINARY: fakeAddonPath, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  if (stdin !== null) child.stdin.end(stdin);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output.stderr += text));
  return {
    child,
    output,
    /** Resolves when stderr holds `text`. @param {string} text */
    async saw(text) {
      while (!output.stderr.includes(text)) await once(child.stderr, "data");
    },
    async exit() {
      const [code, signal] = await once(child, "close");
      return { code, signal, ...output };
    },
  };
}

/** @param {Parameters<typeof startNode>} args */
export function runNode(...args) {
  return startNode(...args).exit();
}

/** Runs a program given as ES module text. @param {string} text @param {Parameters<typeof startNode>[1]} [options] */
export function runProgram(text, options) {
  return runNode(["--input-type=module", "-e", text], options);
}
