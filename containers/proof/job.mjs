// Runs an image as a container would be run, and has it do a job.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { run, StepFailed } from "../../scripts/steps/command.mjs";
import { small } from "../../test/binding/support/footage.js";
import { makeBase } from "../../test/processor/support/bases.js";
import { assertCompleted } from "../../test/processor/support/checks.js";
import { until } from "../../test/processor/support/processors.js";
import { runInRoot, startInRoot } from "./roots.mjs";

/**
 * @param {import("./stages.mjs").Image} image
 * @returns {Promise<{ user: string, jobSeconds: number, stopSeconds: number }>}
 */
export async function proveJob(image) {
  const base = makeBase(path.join(image.root, image.env.MEDIA_BASE_PATH), { copies: true });
  const config = base.configOf(small, "job");
  base.submit("job", config);
  run(["chown", "-R", image.user, base.folder], { quiet: true });
  const container = startInRoot(image, [...image.entrypoint, ...image.cmd]);
  const closed = once(container, "close");
  let printed = "";
  for (const stream of [container.stdout, container.stderr]) stream.on("data", (text) => (printed += text));
  try {
    const startMs = performance.now();
    await assertCompleted(base, "job", config);
    const jobSeconds = (performance.now() - startMs) / 1000;
    await until(() => printed.includes("health port opened"), "its health port is open");
    runInRoot(image, image.health);
    const [first] = childrenOf(container.pid);
    const user = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${childrenOf(first)[0]}/status`, "utf8"))[1];
    const stopMs = performance.now();
    process.kill(first, "SIGTERM");
    const [code] = await closed;
    if (code !== 0) throw new StepFailed(`it ended with ${code} at SIGTERM`);
    return { user, jobSeconds, stopSeconds: (performance.now() - stopMs) / 1000 };
  } catch (error) {
    console.error(printed);
    throw error;
  } finally {
    container.kill("SIGKILL");
  }
}

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
