// Running other programs, and failing in one plain line.
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";
import { processors, root } from "./platform.mjs";

/** A step that failed for a reason already told to the user, or told by `message`. */
export class StepFailed extends Error {}

const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function shown(command, env = {}) {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(String(value))}`);
  return `$ ${[...variables, ...command.map(quoted)].join(" ")}`;
}

const exitStatus = (code, signal) => code ?? 128 + os.constants.signals[signal];

/** Arguments from one text, where none has a space in it. @param {string} text */
export const words = (text) => text.split(" ");

/**
 * Prints the command, runs it with this terminal, and returns its exit status (128 + the signal when it was
 * killed).
 * @param {string[]} command
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] Added to this process's.
 * @param {"ignore" | "inherit"} [options.stdin]
 * @param {boolean} [options.quiet] What the command prints is shown only if it fails.
 */
export function status(command, { cwd = root, env = {}, stdin = "ignore", quiet = false } = {}) {
  console.log(shown(command, env));
  const streams = quiet ? "pipe" : "inherit";
  const ended = spawnSync(command[0], command.slice(1), {
    cwd,
    env: { ...process.env, ...env },
    stdio: [stdin, streams, streams],
    maxBuffer: 1 << 28,
  });
  if (ended.error) throw new StepFailed(`${command[0]} cannot be run: ${ended.error.message}`);
  if (quiet && ended.status !== 0) process.stderr.write(Buffer.concat([ended.stdout, ended.stderr]));
  return exitStatus(ended.status, ended.signal);
}

/**
 * As `status` of each command, as many at the same time as there are processors. What one prints is shown when it ends.
 * @param {string[][]} commands
 * @returns {Promise<number[]>} In the order of the commands.
 */
export async function statuses(commands) {
  const results = [];
  const waiting = commands.entries();
  async function work() {
    for (const [i, command] of waiting) results[i] = await statusOf(command);
  }
  await Promise.all(Array.from({ length: processors }, work));
  return results;
}

function statusOf(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => printed.push(part));
    child.on("error", (error) => reject(new StepFailed(`${command[0]} cannot be run: ${error.message}`)));
    child.on("close", (code, signal) => {
      console.log(shown(command));
      process.stdout.write(Buffer.concat(printed));
      resolve(exitStatus(code, signal));
    });
  });
}

/** As `status`, but anything other than 0 is a failure. */
export function run(command, options) {
  const code = status(command, options);
  if (code !== 0) throw new StepFailed(`${command[0]} failed (exit status ${code})`);
}

/**
 * What a command prints, without showing it; null when it cannot be run or fails.
 * @param {string[]} command
 */
export function output(command) {
  const ended = spawnSync(command[0], command.slice(1), { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  return ended.status === 0 ? ended.stdout : null;
}

/**
 * Runs a script's body. A StepFailed is one line and exit status 1; anything else is a bug and keeps its stack.
 * @param {() => unknown} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
