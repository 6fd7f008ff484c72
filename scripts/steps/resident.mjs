// The ffmpeg and ffprobe that tests run, loaded once for all of them: see test/support/resident.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { StepFailed, words } from "./command.mjs";
import { root } from "./platform.mjs";
import { onPath } from "./requirements.mjs";

const names = ["ffmpeg", "ffprobe"];
const sources = path.join(root, "test", "support", "resident");
const built = path.join(root, "build", "resident");
const clients = path.join(built, "clients");
const library = path.join(built, "resident.so");
const strict = words("-std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror");

/** @returns {string} What the compiler has against it: nothing, if all went well. */
function compile(source, target, options) {
  // Another run may use the one that is there.
  const made = `${target}.${process.pid}`;
  const command = [...strict, ...options, "-o", made, path.join(sources, source)];
  const { status, error, stderr } = spawnSync("cc", command, { encoding: "utf8" });
  if (error) return `cc cannot be run: ${error.message}`;
  if (status !== 0) return stderr.trim().split("\n")[0];
  renameSync(made, target);
  return "";
}

function compileAll(programs) {
  mkdirSync(clients, { recursive: true });
  const faults = [compile("resident.c", library, ["-shared", "-fPIC"])];
  for (const [name, program] of Object.entries(programs)) {
    const target = path.join(clients, name);
    const options = [`-DPROGRAM=${JSON.stringify(program)}`];
    // Static, it starts in half the time; not every system has what that takes.
    faults.push(compile("client.c", target, ["-static", ...options]) && compile("client.c", target, options));
  }
  const fault = faults.find(Boolean);
  if (fault) throw new StepFailed(fault);
}

/** The programs themselves, even where this runs within a run that has put their clients first. */
function findPrograms() {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder !== clients);
  const found = names.map((name) => [name, onPath(name, folders.join(path.delimiter))]);
  const missing = found.find(([, program]) => !program);
  if (missing) throw new StepFailed(`there is no ${missing[0]}`);
  return Object.fromEntries(found.map(([name, program]) => [name, path.resolve(program)]));
}

function startServer(program, socket) {
  const variables = { LD_PRELOAD: library, RESIDENT_SOCKET: socket, RESIDENT_PARENT: String(process.pid) };
  return spawn(program, [], { env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
}

async function listening(server) {
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text) => (log += text));
  const ends = once(server, "close").catch((error) => [error.message]);
  const [said] = await Promise.race([once(server.stdout, "data"), ends]);
  if (String(said) !== "listening\n") {
    throw new StepFailed(`${server.spawnfile} does not listen: ${log.trim().split("\n").at(-1) || said}`);
  }
  // It is there for as long as this process, which need not wait for it.
  server.unref();
  for (const stream of [server.stdout, server.stderr]) stream.unref();
}

/**
 * Starts the servers. They end with this process.
 * @returns {Promise<{ env: { PATH: string, OPENCUT_RESIDENT: string }, programs: Record<string, string>,
 *   clients: Record<string, string>, servers: Record<string, import("node:child_process").ChildProcess>,
 *   stop: () => void }>}
 *   `env`: in it, the programs' names lead to their clients.
 * @throws {StepFailed} Where there can be none.
 */
export async function startResident() {
  if (process.platform !== "linux") throw new StepFailed("there is no such thing on this system");
  const programs = findPrograms();
  compileAll(programs);
  // In the temporary folder: the path of a socket has at most 107 characters.
  const sockets = mkdtempSync(path.join(os.tmpdir(), "opencut-resident-"));
  const ofEach = (make) => Object.fromEntries(names.map((name) => [name, make(name)]));
  const servers = ofEach((name) => startServer(programs[name], path.join(sockets, name)));
  const stop = () => {
    for (const server of Object.values(servers)) server.kill("SIGKILL");
    rmSync(sockets, { recursive: true, force: true });
  };
  process.once("exit", stop);
  try {
    await Promise.all(Object.values(servers).map(listening));
  } catch (error) {
    stop();
    throw error;
  }
  const env = { PATH: [clients, process.env.PATH].join(path.delimiter), OPENCUT_RESIDENT: sockets };
  return { env, programs, clients: ofEach((name) => path.join(clients, name)), servers, stop };
}

/** From here on, what this process runs finds the resident programs, where there can be any. */
export async function useResident() {
  try {
    const { env } = await startResident();
    Object.assign(process.env, env);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.log(`ffmpeg and ffprobe are loaded anew for each command: ${error.message}`);
  }
}
