#!/usr/bin/env node
// node containers/prove.mjs [--only node,bun]
// Carries out the Dockerfiles without Docker: every RUN line in a bare Debian 12, then the image's own command on
// jobs, as its own user, with its health check and SIGTERM, idle and in mid-job. Linux, as root; takes minutes and some gigabytes in build/.
import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { main, StepFailed } from "../scripts/steps/command.mjs";
import { setup } from "../scripts/steps/setup.mjs";
import { readDockerfile } from "./proof/dockerfile.mjs";
import { makeStage } from "./proof/stages.mjs";

const every = ["node", "bun"];
const fileOf = (name) => new URL(`Dockerfile.${name}`, import.meta.url);

/** Stages that are the same are made once, as Docker does. */
const made = new Map();

/** @param {string} name @returns {import("./proof/stages.mjs").Image} The last stage. */
function buildImage(name) {
  const stages = new Map();
  const read = readDockerfile(readFileSync(fileOf(name), "utf8"));
  for (const [i, stage] of read.entries()) {
    console.log(`Dockerfile.${name}: FROM ${stage.base}${stage.name ? ` AS ${stage.name}` : ""}`);
    const key = JSON.stringify(stage);
    if (!made.has(key)) made.set(key, makeStage(stage, `${name}-${stage.name ?? "last"}`, stages));
    stages.set(stage.name ?? String(i), made.get(key));
  }
  return [...stages.values()].at(-1);
}

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: "string", default: every.join(",") } } });
  const names = values.only.split(",");
  const unknown = names.find((name) => !every.includes(name));
  if (unknown) throw new StepFailed(`--only ${unknown}: expected some of ${every.join(",")}`);
  if (process.getuid?.() !== 0) throw new StepFailed("Roots can be entered by root only");
  setup(["test", "containers"]);
  const [{ proveJobs }, { makeRoot, megabytesOf }] = await Promise.all([
    import("./proof/job.mjs"),
    import("./proof/roots.mjs"),
  ]);
  const bare = makeRoot("debian:bookworm-slim", "bare");
  const bareMegabytes = megabytesOf(bare);
  for (const name of names) {
    const image = buildImage(name);
    const megabytes = megabytesOf(image.root);
    const { user, jobSeconds, handBackSeconds, stopSeconds } = await proveJobs(image);
    console.log(
      `${name}: job completed, exact, in ${jobSeconds.toFixed(1)} s as user ${user}; health check passed; ` +
        `stopped in mid-job, handed back in ${handBackSeconds.toFixed(1)} s and completed by the next; ` +
        `stopped idle in ${stopSeconds.toFixed(1)} s; ${megabytes} MB, ${megabytes - bareMegabytes} MB above a bare Debian`,
    );
  }
  for (const root of [bare, ...[...made.values()].map((image) => image.root)]) rmSync(root, { recursive: true });
});
