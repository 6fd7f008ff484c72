// Runs an image as a container would be run, and has it do jobs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { run, StepFailed } from "../../scripts/steps/command.mjs";
import { large, longEdit, small } from "../../test/binding/support/footage.js";
import { makeBase } from "../../test/processor/support/bases.js";
import { assertCompleted } from "../../test/processor/support/checks.js";
import { until } from "../../test/processor/support/processors.js";
import { runInRoot, startInRoot } from "./roots.mjs";

/**
 * A job is done; another is stopped in the middle, handed back, and done by the next container.
 * @param {import("./stages.mjs").Image} image
 * @returns {Promise<{ user: string, jobSeconds: number, handBackSeconds: number, stopSeconds: number }>}
 */
export async function proveJobs(image) {
  const base = makeBase(path.join(image.root, image.env.MEDIA_BASE_PATH), { copies: true });
  const configs = { job: base.configOf(small, "job"), late: base.configOf(large, "late", longEdit(40).segments) };
  const submit = (id) => {
    base.submit(id, configs[id]);
    run(["chown", "-R", image.user, base.folder], { quiet: true });
  };
  submit("job");
  return withContainer(image, async (first) => {
    const jobSeconds = await secondsOf(() => assertCompleted(base, "job", configs.job));
    await until(() => first.printed().includes("health port opened"), "its health port is open");
    runInRoot(image, image.health);
    const user = first.user();
    submit("late");
    await until(() => base.statusOf("late").progress > 0, "the second job is being rendered");
    const handBackSeconds = await secondsOf(async () => {
      first.terminate();
      await until(() => first.printed().includes("processor stops"), "it drains");
      first.terminate();
      await first.ended();
    });
    assert.equal(base.statusOf("late").status, "pending");
    assert.deepEqual(base.namesIn("late"), ["config.json", "status.json"]);
    return withContainer(image, async (second) => {
      await assertCompleted(base, "late", configs.late);
      const stopSeconds = await secondsOf(() => {
        second.terminate();
        return second.ended();
      });
      return { user, jobSeconds, handBackSeconds, stopSeconds };
    });
  });
}

/**
 * @template T
 * @param {import("./stages.mjs").Image} image
 * @param {(container: ReturnType<typeof startContainer>) => Promise<T>} use
 */
async function withContainer(image, use) {
  const container = startContainer(image);
  try {
    return await use(container);
  } catch (error) {
    console.error(container.printed());
    throw error;
  } finally {
    container.kill();
  }
}

/** @param {import("./stages.mjs").Image} image */
function startContainer(image) {
  const container = startInRoot(image, [...image.entrypoint, ...image.cmd]);
  const closed = once(container, "close");
  let printed = "";
  for (const stream of [container.stdout, container.stderr]) stream.on("data", (text) => (printed += text));
  const init = () => childrenOf(container.pid)[0];
  return {
    printed: () => printed,
    /** Of the service, which is the init's child. */
    user: () => /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${childrenOf(init())[0]}/status`, "utf8"))[1],
    terminate: () => process.kill(init(), "SIGTERM"),
    async ended() {
      const [code] = await closed;
      if (code !== 0) throw new StepFailed(`it ended with ${code} at SIGTERM`);
    },
    kill: () => container.kill("SIGKILL"),
  };
}

/** @param {() => Promise<unknown>} work */
async function secondsOf(work) {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
