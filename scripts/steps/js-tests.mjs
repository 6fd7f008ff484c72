// Finding and running the JavaScript tests.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { status, statuses, StepFailed } from "./command.mjs";
import { root } from "./platform.mjs";
import { failed, sum } from "./tally.mjs";

const reporter = fileURLToPath(new URL("count-reporter.mjs", import.meta.url));
const reports = path.join(root, "build", "reports");
// For one test: exports of real footage under a sanitizer take longest.
const testTimeoutMs = 300_000;

/**
 * The test files in `folders`, relative to the root, in a stable order.
 * @param {string[]} [folders] Files are taken as they are.
 */
export function testFiles(folders = ["test"]) {
  const found = folders.flatMap((folder) => {
    if (folder.endsWith(".js")) return [folder];
    if (!existsSync(path.join(root, folder))) return [];
    return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return testFiles([name]);
      return entry.name.endsWith(".test.js") ? [name] : [];
    });
  });
  return found.sort();
}

/**
 * @param {string[]} files
 * @param {{ node?: string, env?: NodeJS.ProcessEnv, atOnce?: number }} [options] `node` defaults to the one that runs;
 * `atOnce`: files that run at the same time, by Node's choice unless given.
 * @returns {import("./tally.mjs").Counts}
 */
export function runOnNode(files, { node = process.execPath, env = {}, atOnce } = {}) {
  const report = emptyReport("json");
  const shown = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  const counted = [`--test-reporter=${reporter}`, `--test-reporter-destination=${report}`];
  const settings = [`--test-timeout=${testTimeoutMs}`, ...(atOnce ? [`--test-concurrency=${atOnce}`] : [])];
  const code = status([node, "--test", ...settings, ...shown, ...counted, ...files], { env });
  const counts = JSON.parse(takeReport(report) || "{}");
  if (!("tests" in counts)) throw new StepFailed(`the tests wrote no report (exit status ${code})`);
  const bad = counts.fail + counts.cancelled;
  return { passed: counts.pass, failed: code !== 0 && bad === 0 ? 1 : bad, skipped: counts.skipped + counts.todo };
}

/**
 * Each file in a process of its own, as Node does.
 * @param {string[]} files
 * @param {string} bun The program.
 * @returns {Promise<import("./tally.mjs").Counts>}
 */
export async function runOnBun(files, bun) {
  const settings = [`--timeout=${testTimeoutMs}`, "--reporter=junit"];
  const reportOf = files.map((_, i) => emptyReport(`${i}.xml`));
  const codes = await statuses(
    files.map((file, i) => [bun, "test", ...settings, `--reporter-outfile=${reportOf[i]}`, `./${file}`]),
  );
  return sum(codes.map((code, i) => countsOfBun(code, takeReport(reportOf[i]))));
}

function countsOfBun(code, report) {
  const suites = report.match(/<testsuites\b[^>]*>/)?.[0];
  if (!suites) return failed; // It died.
  const [tests, failures, skipped] = ["tests", "failures", "skipped"].map((name) =>
    Number(suites.match(new RegExp(`\\b${name}="(\\d+)"`))[1]),
  );
  return { passed: tests - failures - skipped, failed: code !== 0 && failures === 0 ? 1 : failures, skipped };
}

/** A report file that no other run writes to: runs may be nested, as in the tests of these scripts. */
function emptyReport(ending) {
  mkdirSync(reports, { recursive: true });
  const report = path.join(reports, `${process.pid}.${ending}`);
  rmSync(report, { force: true });
  return report;
}

function takeReport(report) {
  if (!existsSync(report)) return "";
  const text = readFileSync(report, "utf8");
  rmSync(report);
  return text;
}
