#!/usr/bin/env node
// npm test [-- --only cpp,fuzz,js,types,lint,forms,faults,browser,matrix] [FILE_OR_FOLDER ...]
// Sets up, compiles, and runs every test: GoogleTest, the fuzzers, node:test, the type check and the linter. Four parts
// have to be asked for: "forms" exports the rarer forms of footage, and files from cameras, where they are at hand;
// "faults" kills and stops processors in mid-job; "browser" plays exports in Chromium; "matrix" runs what may depend
// on the runtime once more on the other supported ones. Files or folders narrow the JavaScript tests down.
import path from "node:path";
import { parseArgs } from "node:util";
import { buildRelease } from "./steps/build.mjs";
import { main, status, StepFailed } from "./steps/command.mjs";
import { buildFuzzers, fuzzTargets, runFuzzers } from "./steps/fuzzers.mjs";
import { runOnBun, runOnNode, testFiles } from "./steps/js-tests.mjs";
import { lintJavaScript } from "./steps/linters.mjs";
import { runGoogleTests } from "./steps/native-tests.mjs";
import { processors, releaseDirectory, root } from "./steps/platform.mjs";
import { useResident } from "./steps/resident.mjs";
import { otherRuntimes, runtime } from "./steps/runtimes.mjs";
import { setup } from "./steps/setup.mjs";
import { failed, passed, Tally } from "./steps/tally.mjs";

const usual = ["cpp", "fuzz", "js", "types", "lint"];
const parts = [...usual, "forms", "faults", "browser", "matrix"];
// After the corpus, which takes less; `npm run fuzz` goes on for as long as it is asked to.
const fuzzSeconds = 2;
// What may behave differently from one runtime to the next: values and errors that cross into the addon and back, threads
// and callbacks, the end of a process, children, streams. What the addon makes of files is the same on each.
const matrixFiles = [
  ...["cancellation", "processes", "progress"].map((name) => `test/binding/${name}.test.js`),
  ...["interrupt", "running.export"].map((name) => `test/cli/${name}.test.js`),
  "test/children",
  "test/lib",
];
const exportFolder = path.join("test", "export");
const formsFolder = path.join(exportFolder, "forms");
const faultsFolder = path.join("test", "processor", "faults");
const browserFolder = path.join("test", "browser");

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: "string", multiple: true, default: usual } },
  });
  const only = values.only.flatMap((list) => list.split(","));
  const unknown = only.find((part) => !parts.includes(part));
  if (unknown) throw new StepFailed(`--only ${unknown}: expected some of ${parts.join(",")}`);
  return { only, folders: positionals };
}

/** All but those that have to be asked for. */
const usualFiles = () =>
  testFiles().filter((file) => ![formsFolder, faultsFolder, browserFolder].some((one) => file.startsWith(one)));

function typeCheck() {
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  return status([process.execPath, tsc, "--noEmit", "-p", "tsconfig.json"]) === 0 ? passed : failed;
}

function fuzz() {
  const targets = fuzzTargets();
  const directory = buildFuzzers(targets);
  return runFuzzers(directory, targets, fuzzSeconds);
}

async function onThisNode(tally, files) {
  const exporting = (file) => file.startsWith(exportFolder);
  const [exports, others] = [files.filter(exporting), files.filter((file) => !exporting(file))];
  const atOnce = processors;
  if (others.length > 0)
    await tally.part(`node:test, Node ${process.versions.node}`, () => runOnNode(others, { atOnce }));
  if (exports.length > 0) await tally.part("exports", () => runOnNode(exports, { atOnce }));
}

/** Where no browser can be installed, its tests skip, and say so. */
function browser() {
  try {
    setup(["browser"]);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
  }
  return runOnNode(testFiles([browserFolder]));
}

async function matrix(tally, files) {
  for (const name of otherRuntimes()) {
    await tally.part(name, () =>
      name === "Bun" ? runOnBun(files, runtime(name)) : runOnNode(files, { node: runtime(name), atOnce: processors }),
    );
  }
}

await main(async () => {
  const { only, folders } = parse();
  const tally = new Tally();
  const wants = (part) => only.includes(part);
  const compiles = ["cpp", "js", "forms", "faults", "browser", "matrix"].some(wants);
  const ready = await tally.part("set up and compile", () => {
    setup(["build", "test", ...(wants("fuzz") ? ["fuzz"] : [])]);
    if (compiles) buildRelease({ tests: true });
    return passed;
  });
  const built = ready.failed === 0;
  if (built && compiles) await useResident();
  if (built && wants("cpp")) await tally.part("GoogleTest", () => runGoogleTests(releaseDirectory()));
  if (wants("fuzz")) await tally.part("fuzzers", fuzz);
  if (built && wants("js")) await onThisNode(tally, folders.length > 0 ? testFiles(folders) : usualFiles());
  if (built && wants("forms")) {
    await tally.part("forms of footage", () => runOnNode(testFiles([formsFolder]), { atOnce: processors }));
  }
  if (built && wants("faults")) await tally.part("faults", () => runOnNode(testFiles([faultsFolder]), { atOnce: processors }));
  if (built && wants("browser")) await tally.part("browser", browser);
  if (wants("types")) await tally.part("types", typeCheck);
  if (wants("lint")) await tally.part("lint", lintJavaScript);
  if (built && wants("matrix")) await matrix(tally, testFiles(folders.length > 0 ? folders : matrixFiles));
  tally.finish();
});
