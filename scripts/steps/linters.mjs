// The linters, each as one test.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { status, StepFailed } from "./command.mjs";
import { root } from "./platform.mjs";
import { failed, passed } from "./tally.mjs";

/** ESLint over everything it is configured for. @returns {import("./tally.mjs").Counts} */
export function lintJavaScript() {
  const eslint = path.join(root, "node_modules", "eslint", "bin", "eslint.js");
  if (!existsSync(eslint)) throw new StepFailed("ESLint is not installed: run npm run setup");
  return status([process.execPath, eslint, "--max-warnings=0", "."]) === 0 ? passed : failed;
}

/** clang-format over the C++ and C sources: changes nothing unless asked. @returns {import("./tally.mjs").Counts} */
export function formatNative({ write }) {
  const mode = write ? ["-i"] : ["--dry-run", "--Werror"];
  return status(["clang-format", ...mode, ...nativeSources()]) === 0 ? passed : failed;
}

function nativeSources() {
  const folders = ["src", "binding", "test"];
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file)),
  );
  return files.filter((file) => /\.(cc|c|h)$/.test(file)).sort();
}
