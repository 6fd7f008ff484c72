// Running the GoogleTest programs.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { status, StepFailed, words } from "./command.mjs";
import { processors } from "./platform.mjs";

/**
 * Every test of a build directory, each in a process of its own.
 * @param {string} directory
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {import("./tally.mjs").Counts}
 */
export function runCtest(directory, env = {}) {
  const report = path.join(directory, "ctest.xml");
  rmSync(report, { force: true });
  const options = words(`--output-on-failure --no-tests=error --parallel ${processors}`);
  const code = status(["ctest", "--test-dir", directory, ...options, "--output-junit", report], { env });
  const suite = existsSync(report) && readFileSync(report, "utf8").match(/<testsuite\b[^>]*>/)?.[0];
  if (!suite) throw new StepFailed(`ctest wrote no report (exit status ${code})`);
  const [tests, failures, disabled, skipped] = ["tests", "failures", "disabled", "skipped"].map((name) =>
    Number(suite.match(new RegExp(`\\b${name}="(\\d+)"`))[1]),
  );
  return { passed: tests - failures - disabled - skipped, failed: failures, skipped: disabled + skipped };
}

/**
 * One GoogleTest program, all its tests in one process.
 * @param {string} directory The build directory.
 * @param {string} program
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {import("./tally.mjs").Counts}
 */
export function runProgram(directory, program, env = {}) {
  const report = path.join(directory, `${program}.json`);
  mkdirSync(directory, { recursive: true });
  rmSync(report, { force: true });
  const file = path.join(directory, "test", program);
  const code = status([file, "--gtest_brief=1", `--gtest_output=json:${report}`], { env });
  if (!existsSync(report)) throw new StepFailed(`${program} ended before its report (exit status ${code})`);
  const tests = JSON.parse(readFileSync(report, "utf8")).testsuites.flatMap((suite) => suite.testsuite);
  const bad = tests.filter((t) => t.failures?.length > 0).length;
  const skipped = tests.filter((t) => t.result !== "COMPLETED").length;
  // A sanitizer speaks through the exit status, after every test has passed.
  return { passed: tests.length - bad - skipped, failed: code !== 0 && bad === 0 ? 1 : bad, skipped };
}
