// Building and running the libFuzzer programs of test/fuzz.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "./build.mjs";
import { statuses, words } from "./command.mjs";
import { root } from "./platform.mjs";
import { failed, passed, sum } from "./tally.mjs";

const sources = path.join(root, "test", "fuzz");
const suffix = "_fuzzer.cc";

/** @type {import("./requirements.mjs").Purpose[]} */
export const fuzzPurposes = ["build", "fuzz"];

/** What there is to fuzz, by name. */
export const fuzzTargets = () =>
  readdirSync(sources).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));

/** @param {string[]} targets @returns {string} The build directory. */
export const buildFuzzers = (targets) =>
  build("fuzz", { targets: targets.map((target) => `${target}_fuzzer`), purposes: fuzzPurposes });

/**
 * Runs each corpus, then goes on from it. Inputs that reach new code are kept in build/fuzz/grown, those that break
 * something in build/fuzz/found.
 * @param {string} directory The build directory.
 * @param {string[]} targets
 * @param {number} seconds For each.
 * @returns {Promise<import("./tally.mjs").Counts>}
 */
export async function runFuzzers(directory, targets, seconds) {
  const codes = await statuses(targets.map((target) => fuzzing(directory, target, seconds)));
  return sum(codes.map((code) => (code === 0 ? passed : failed)));
}

function fuzzing(directory, target, seconds) {
  const grown = path.join(directory, "grown", target);
  const found = path.join(directory, "found");
  const corpus = path.join(sources, "corpus", target);
  for (const folder of [grown, found]) mkdirSync(folder, { recursive: true });
  const limits = `-max_total_time=${seconds} -max_len=4096 -timeout=20 -rss_limit_mb=2048 -verbosity=0`;
  return [
    path.join(directory, "test", `${target}_fuzzer`),
    ...words(limits),
    `-artifact_prefix=${path.join(found, `${target}-`)}`,
    grown,
    ...(existsSync(corpus) ? [corpus] : []),
  ];
}
