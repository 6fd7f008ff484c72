// What a command costs: its own processor time and that of all its children.
import { spawn } from "node:child_process";

/**
 * @typedef {object} Cost
 * @property {number} wall Seconds.
 * @property {number} cpu Seconds, user and system.
 */

/**
 * @param {string[]} command
 * @returns {Promise<Cost & { text: string }>} `text`: what it printed on stdout.
 */
export function measure(command) {
  return new Promise((resolve, reject) => {
    // The shell's own `time` counts every child that was waited for, to the millisecond.
    const child = spawn("bash", ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "measure", ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    let text = "";
    let log = "";
    child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
    child.stderr.setEncoding("utf8").on("data", (part) => (log += part));
    child.on("error", reject);
    child.on("close", (code) => {
      const times = /^([\d.]+) ([\d.]+) ([\d.]+)\n?$/m.exec(log.split("\n").filter(Boolean).at(-1) ?? "");
      if (code !== 0 || !times) return reject(new Error(`${command.join(" ")}\nexit status ${code}\n${log}`));
      const [wall, user, system] = times.slice(1).map(Number);
      resolve({ wall, cpu: user + system, text });
    });
  });
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
