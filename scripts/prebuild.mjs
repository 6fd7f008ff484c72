#!/usr/bin/env node
// npm run prebuild
// Compiles the addon, strips it, and puts it where the loader and `npm pack` find it.
import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { buildRelease } from "./steps/build.mjs";
import { main, run } from "./steps/command.mjs";
import { addonName, prebuildDirectory, root } from "./steps/platform.mjs";
import { setup } from "./steps/setup.mjs";

await main(() => {
  setup(["build"]);
  const built = buildRelease();
  const file = path.join(prebuildDirectory(), addonName);
  mkdirSync(path.dirname(file), { recursive: true });
  copyFileSync(built, file);
  run(["strip", process.platform === "darwin" ? "-x" : "--strip-unneeded", file]);
  // Loading it proves that it is whole, and it knows best what it is linked to.
  const { versions, license } = JSON.parse(createRequire(import.meta.url)(file).capabilities());
  console.log(`${path.relative(root, file)}: ${(statSync(file).size / 1e6).toFixed(2)} MB`);
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name} ${version}`);
  console.log(`  licence with these libraries: ${license}`);
});
