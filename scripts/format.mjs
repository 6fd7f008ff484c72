#!/usr/bin/env node
// npm run format
// Puts the C++ sources into the form that .clang-format describes.
import { main, StepFailed } from "./steps/command.mjs";
import { formatNative } from "./steps/linters.mjs";
import { setup } from "./steps/setup.mjs";

await main(() => {
  setup(["format"]);
  if (formatNative({ write: true }).failed > 0) throw new StepFailed("clang-format failed");
});
