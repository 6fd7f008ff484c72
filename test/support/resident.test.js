// What stands in for ffmpeg and ffprobe in most test runs does what they do.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { StepFailed } from "../../scripts/steps/command.mjs";
import { startResident } from "../../scripts/steps/resident.mjs";
import { gone } from "../children/support/processes.js";
import { attempt, words } from "./ffmpeg.mjs";

// Its own, not the one of the run that this test may be part of.
const resident = await startResident().catch((error) => {
  if (error instanceof StepFailed) return error.message;
  throw error;
});
const skip = typeof resident === "string" && resident;
const { env, programs, clients, servers, stop } = skip ? {} : resident;
Object.assign(process.env, env);

const folder = mkdtempSync(path.join(os.tmpdir(), "resident-"));
after(() => rmSync(folder, { recursive: true }));

const bare = words("-hide_banner -nostdin -v error");
const clip = path.join(folder, "clip.mp4");
const encode = words("-f lavfi -i testsrc2=s=64x64:d=0.2 -c:v libx264 -threads 1 -fflags +bitexact -flags +bitexact -y");
// Goes on until it is ended, and says how far it is.
const endless = words("-hide_banner -nostdin -re -f lavfi -i anullsrc -stats_period 0.1 -progress pipe:1 -f null -");

const workersOf = (server) => {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(server.pid)], { encoding: "utf8" });
  return stdout.trim().split(/\s+/).filter(Boolean).map(Number);
};

/** A client in mid-run, and the process that does its work. */
async function startEndless() {
  const client = spawn(clients.ffmpeg, endless, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(client, "close");
  await once(client.stdout, "data");
  const workers = workersOf(servers.ffmpeg);
  assert.equal(workers.length, 1);
  return { client, ended, worker: workers[0] };
}

/** What the program itself makes of a command, and what its client does. */
const both = async (name, args, options) =>
  Promise.all([programs[name], clients[name]].map((program) => attempt(program, args, options)));

describe("a resident program", { skip }, () => {
  it("is another process's child, and leaves nothing behind", async () => {
    const { client, ended, worker } = await startEndless();
    assert.notEqual(worker, client.pid);
    client.kill("SIGTERM");
    await ended;
    assert.deepEqual(workersOf(servers.ffmpeg), []);
  });

  it("encodes a file in the folder that it is called in", () => {
    const bytes = [programs, clients].map(({ ffmpeg }) => {
      execFileSync(ffmpeg, [...bare, ...encode, "clip.mp4"], { cwd: folder });
      return readFileSync(clip);
    });
    assert.ok(bytes[0].length > 1000);
    assert.ok(bytes[0].equals(bytes[1]));
  });

  it("prints what the program prints", async () => {
    for (const args of [["-version"], ["-of", "json", "-show_streams", "-show_packets", clip]]) {
      const [itself, client] = await both("ffprobe", args);
      assert.equal(itself.code, 0);
      assert.deepEqual(client, itself);
    }
  });

  it("fails as the program fails", async () => {
    for (const args of [["-i", "/nowhere"], ["-no_such_option"], ["-i", clip, "-c:v", "nothing", "-f", "null", "-"]]) {
      const [itself, client] = await both("ffmpeg", [...bare, ...args]);
      assert.ok(itself.code > 0);
      assert.deepEqual([client.code, client.pipes], [itself.code, itself.pipes]);
      // A context is named by its address.
      const nameless = (log) => log.replace(/ @ 0x[0-9a-f]+/g, "");
      assert.equal(nameless(client.log), nameless(itself.log));
    }
  });

  it("reads and writes further descriptors, and a great deal through them", async () => {
    const raw = words("-f rawvideo -pix_fmt gray -s 1000x1000");
    const inputs = [Buffer.alloc(5_000_000, "abc"), Buffer.alloc(3_000_000, "def")];
    const args = [...bare, ...raw, "-i", "pipe:3", ...raw, "-i", "pipe:4"];
    const outputs = words("-map 0 -f rawvideo pipe:5 -map 1 -f rawvideo pipe:6 -map 1 -f framemd5 pipe:1");
    const [itself, client] = await both("ffmpeg", [...args, ...outputs], { inputs, extraPipes: 2 });
    assert.ok(itself.pipes[1].equals(inputs[0]));
    assert.deepEqual(client, itself);
  });

  it("runs without standard streams", async () => {
    const written = path.join(folder, "closed.mp4");
    const command = [...bare, ...encode, written].join(" ");
    execFileSync("sh", ["-c", `exec "$0" ${command} <&- >&- 2>&-`, clients.ffmpeg]);
    assert.ok(readFileSync(written).equals(readFileSync(clip)));
  });

  it("has the caller's environment and umask", () => {
    const report = path.join(folder, "report.txt");
    const given = { ...env, FFREPORT: `file=${report}:level=32` };
    execFileSync("sh", ["-c", 'umask 027; exec "$@"', "sh", clients.ffmpeg, ...bare, "-version"], { env: given });
    const { status, stdout } = spawnSync("stat", ["-c", "%a", report], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [0, "640\n"]);
  });

  it("serves many at the same time", async () => {
    const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip];
    const ran = await Promise.all(Array.from({ length: 60 }, () => attempt(clients.ffprobe, args)));
    for (const { code, pipes, log } of ran) assert.deepEqual([code, String(pipes[0]), log], [0, "0.200000\n", ""]);
    assert.deepEqual(workersOf(servers.ffprobe), []);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    it(`takes ${signal} as the program does`, async () => {
      const itself = spawn(programs.ffmpeg, endless, { stdio: ["ignore", "pipe", "ignore"] });
      const ends = once(itself, "close");
      await once(itself.stdout, "data");
      itself.kill(signal);
      const { client, ended } = await startEndless();
      client.kill(signal);
      assert.deepEqual(await ended, await ends);
    });
  }

  it("ends with its client", async () => {
    const { client, ended, worker } = await startEndless();
    client.kill("SIGKILL");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    await gone(worker);
  });

  it("that a signal ends is seen to be ended by it", async () => {
    const { ended, worker } = await startEndless();
    process.kill(worker, "SIGUSR1");
    assert.deepEqual(await ended, [null, "SIGUSR1"]);
  });

  it("ends with its server, after which its client is the program", async () => {
    const { ended, worker } = await startEndless();
    stop();
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    await gone(worker);
    const [itself, later] = await both("ffprobe", ["-of", "json", "-show_streams", clip]);
    assert.deepEqual(later, itself);
  });
});
