// Running the ffmpeg command line, the reference that tests compare with.
import { spawn } from "node:child_process";

/**
 * @typedef {object} Ran
 * @property {number | null} code
 * @property {Buffer[]} pipes What came out of stdout and, where asked for, out of further pipes.
 * @property {string} log What came out of stderr.
 */

/**
 * Runs a program to its end. Does not fail when the program does.
 * @param {string} program
 * @param {string[]} args
 * @param {{ inputs?: Buffer[], extraPipes?: number }} [options] What the program reads from file descriptors
 *   3, 4, ..., and how many it writes to after those.
 * @returns {Promise<Ran>}
 */
export function attempt(program, args, { inputs = [], extraPipes = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const further = Array(inputs.length + extraPipes).fill("pipe");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe", ...further] });
    const outputs = [child.stdout, ...child.stdio.slice(3 + inputs.length)];
    const parts = outputs.map(() => []);
    outputs.forEach((stream, i) => stream.on("data", (part) => parts[i].push(part)));
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (log += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, pipes: parts.map((p) => Buffer.concat(p)), log }));
    // The program may stop reading early.
    inputs.forEach((input, i) => child.stdio[3 + i].on("error", () => {}).end(input));
  });
}

/** Arguments from one text, where none has a space in it. @param {string} text */
export const words = (text) => text.split(" ");

/**
 * Runs ffmpeg, which must succeed.
 * @param {string[]} args
 * @param {Parameters<typeof attempt>[2]} [options]
 * @returns {Promise<Ran>}
 */
export async function ffmpeg(args, options) {
  const ran = await attempt("ffmpeg", ["-hide_banner", "-nostdin", "-y", "-v", "error", ...args], options);
  if (ran.code !== 0) throw new Error(`ffmpeg ${args.join(" ")}\nexit status ${ran.code}\n${ran.log}`);
  return ran;
}

/**
 * What ffprobe says, as an object.
 * @param {string[]} args
 */
export async function ffprobe(args) {
  const ran = await attempt("ffprobe", ["-v", "error", "-of", "json", ...args]);
  if (ran.code !== 0) throw new Error(`ffprobe ${args.join(" ")}\nexit status ${ran.code}\n${ran.log}`);
  return JSON.parse(ran.pipes[0].toString());
}

const matrixNames = { bt470bg: "bt470", bt2020nc: "bt2020" };

/** What the scale filter calls a matrix; ffprobe's own names it takes before FFmpeg 7.1 only. @param {string} space */
export const matrixName = (space) => matrixNames[space] ?? space;
