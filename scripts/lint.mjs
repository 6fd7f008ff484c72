#!/usr/bin/env node
// npm run lint
// Checks without changing anything: ESLint on the JavaScript, clang-format on the C++.
import { main } from "./steps/command.mjs";
import { formatNative, lintJavaScript } from "./steps/linters.mjs";
import { setup } from "./steps/setup.mjs";
import { Tally } from "./steps/tally.mjs";

await main(async () => {
  setup(["format"]);
  const tally = new Tally();
  await tally.part("ESLint", lintJavaScript);
  await tally.part("clang-format", () => formatNative({ write: false }));
  tally.finish();
});
