// Running the GoogleTest programs.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { status, StepFailed, words } from "./command.mjs";
import { processors } from "./platform.mjs";
import { sum } from "./tally.mjs";

function countsOf(report) {
  const tests = JSON.parse(readFileSync(report, "utf8")).testsuites.flatMap((suite) => suite.testsuite);
  const bad = tests.filter((t) => t.failures?.length > 0).length;
  const skipped = tests.filter((t) => t.result !== "COMPLETED").length;
  return { passed: tests.length - bad - skipped, failed: bad, skipped };
}

/**
 * The GoogleTest programs of a build directory, in a few processes each, as many at the same time as there are processors.
 * @param {string} directory
 * @param {object} [options]
 * @param {string[]} [options.programs] Defaults to all.
 * @param {NodeJS.ProcessEnv} [options.env]
 * @returns {import("./tally.mjs").Counts}
 */
export function runGoogleTests(directory, { programs, env = {} } = {}) {
  // Where test/CMakeLists.txt has them write to.
  const reports = path.join(directory, "test-reports");
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const options = words(`--output-on-failure --no-tests=error --parallel ${processors}`);
  const chosen = programs ? ["--tests-regex", `^(${programs.join("|")})_[0-9]+$`] : [];
  const code = status(["ctest", "--test-dir", directory, ...options, ...chosen], { env });
  const names = readdirSync(reports);
  if (names.length === 0) throw new StepFailed(`the GoogleTest programs wrote no report (exit status ${code})`);
  const counts = sum(names.map((name) => countsOf(path.join(reports, name))));
  // A program that died wrote no report, and a sanitizer speaks through the exit status, after every test has passed.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
