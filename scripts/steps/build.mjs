// Configures and compiles with CMake. Never installs anything.
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { run, StepFailed } from "./command.mjs";
import { addonName, processors, releaseDirectory, root } from "./platform.mjs";
import { described, missingRequirements } from "./requirements.mjs";

/** A value of the build directory's CMake cache. */
function cached(directory, variable) {
  const file = path.join(directory, "CMakeCache.txt");
  if (!existsSync(file)) return null;
  return readFileSync(file, "utf8").match(new RegExp(`^${variable}:\\w+=(.*)$`, "m"))?.[1] ?? null;
}

function requireTools(purposes) {
  const missing = missingRequirements(purposes).map(described);
  if (
    !existsSync(path.join(root, "node_modules", "node-addon-api")) &&
    existsSync(path.join(root, "package-lock.json"))
  ) {
    missing.push("node_modules");
  }
  if (missing.length > 0) throw new StepFailed(`Cannot build without ${missing.join(", ")}: run npm run setup`);
}

/**
 * @param {string} preset Of CMakePresets.json.
 * @param {object} [options]
 * @param {string} [options.directory] Defaults to build/<preset>.
 * @param {Record<string, boolean>} [options.features] CMake options to set; the others stay as they are.
 * @param {string[]} [options.targets] Defaults to everything.
 * @param {import("./requirements.mjs").Purpose[]} [options.purposes] What must be installed.
 * @param {boolean} [options.quiet] What CMake and the compiler print is shown only if they fail.
 * @returns {string} The build directory.
 */
export function build(
  preset,
  {
    directory = path.join(root, "build", preset),
    features = {},
    targets = [],
    purposes = ["build"],
    quiet = false,
  } = {},
) {
  requireTools(purposes);
  const home = cached(directory, "CMAKE_HOME_DIRECTORY");
  // The checkout was moved, and CMake refuses such a cache.
  if (home && home !== root) rmSync(directory, { recursive: true });
  const defines = Object.entries(features).map(([name, on]) => `-D${name}=${on ? "ON" : "OFF"}`);
  run(["cmake", "--preset", preset, "-B", directory, ...defines], { quiet: true });
  const chosen = targets.flatMap((target) => ["--target", target]);
  // What ccache asks for before it takes compilations with a precompiled header.
  const env = { CCACHE_SLOPPINESS: "pch_defines,time_macros" };
  run(["cmake", "--build", directory, "--parallel", String(processors), ...chosen], { quiet, env });
  return directory;
}

/**
 * The release build of the addon, where the loader finds it.
 * @param {{ tests?: boolean, benchmarks?: boolean, quiet?: boolean }} [options] What else to compile; see build().
 * @returns {string} The .node file.
 */
export function buildRelease({ tests = false, benchmarks = false, quiet = false } = {}) {
  const directory = releaseDirectory();
  const features = {};
  // Left alone once set, so that `build:native` and `test` do not configure each other's work away.
  if (tests || cached(directory, "OPENCUT_TESTS") === null) features.OPENCUT_TESTS = tests;
  if (benchmarks) features.OPENCUT_BENCHMARKS = true;
  const targets = tests ? [] : ["opencut_libav", ...(benchmarks ? ["opencut_benchmark"] : [])];
  const purposes = ["build", ...(tests ? ["test"] : []), ...(benchmarks ? ["bench"] : [])];
  build("release", { directory, features, targets, purposes, quiet });
  return path.join(directory, addonName);
}
