#!/usr/bin/env node
// npm run build:native
// Configures and compiles the addon for this platform, with the system's FFmpeg. Installs nothing.
import path from "node:path";
import { buildRelease } from "./steps/build.mjs";
import { main } from "./steps/command.mjs";
import { root } from "./steps/platform.mjs";

await main(() => {
  console.log(path.relative(root, buildRelease()));
});
