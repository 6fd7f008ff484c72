#!/usr/bin/env node
// node scripts/sanitize.mjs [--only asan,tsan] [FILE_OR_FOLDER ...]
// The tests once more under sanitizers: AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer on
// every GoogleTest and on the addon in Node, ThreadSanitizer on the layers that have threads. Files or
// folders replace test/binding.
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./steps/build.mjs";
import { main, output, StepFailed } from "./steps/command.mjs";
import { runOnNode, testFiles } from "./steps/js-tests.mjs";
import { runGoogleTests } from "./steps/native-tests.mjs";
import { addonName, processors, root } from "./steps/platform.mjs";
import { useResident } from "./steps/resident.mjs";
import { setup } from "./steps/setup.mjs";
import { passed, Tally } from "./steps/tally.mjs";

const purposes = ["build", "test"];
const threadedLayers = ["base", "media", "pipelines"];
const asanEnv = {
  ASAN_OPTIONS: "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
  LSAN_OPTIONS: `suppressions=${path.join(root, "test/lsan-suppressions.txt")}:print_suppressions=0`,
  UBSAN_OPTIONS: "print_stacktrace=1",
};
// libav is not built with the sanitizer, so its own locking is invisible to it and would look like races.
const tsanEnv = { TSAN_OPTIONS: "ignore_noninstrumented_modules=1:second_deadlock_stack=1" };

// Node itself is not built with the sanitizer: its runtime must be the first library loaded.
function asanRuntime() {
  const library = output([process.env.CXX ?? "g++", "-print-file-name=libasan.so"])?.trim();
  if (!library || !path.isAbsolute(library)) throw new StepFailed("libasan.so is not installed with this compiler");
  return library;
}

async function underAsan(tally, folders) {
  const features = { OPENCUT_TESTS: true };
  let directory;
  const compiled = await tally.part("ASan: compile", () => {
    directory = build("asan", { features, purposes });
    return passed;
  });
  if (compiled.failed > 0) return;
  await tally.part("ASan: GoogleTest", () => runGoogleTests(directory, { env: asanEnv }));
  const files = testFiles(folders);
  if (files.length === 0) return;
  await tally.part("ASan: addon in Node", () =>
    runOnNode(files, {
      atOnce: processors,
      env: { ...asanEnv, LD_PRELOAD: asanRuntime(), OPENCUT_LIBAV_BINARY: path.join(directory, addonName) },
    }),
  );
}

async function underTsan(tally) {
  const programs = threadedLayers.map((layer) => `${layer}_test`);
  let directory;
  const compiled = await tally.part("TSan: compile", () => {
    directory = build("tsan", { features: { OPENCUT_TESTS: true, OPENCUT_ADDON: false }, targets: programs, purposes });
    return passed;
  });
  if (compiled.failed > 0) return;
  await tally.part("TSan: GoogleTest", () => runGoogleTests(directory, { programs, env: tsanEnv }));
}

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: "string", default: "asan,tsan" } },
  });
  const only = values.only.split(",");
  setup(purposes);
  await useResident();
  const tally = new Tally();
  if (only.includes("asan")) await underAsan(tally, positionals.length > 0 ? positionals : ["test/binding"]);
  if (only.includes("tsan")) await underTsan(tally);
  tally.finish();
});
