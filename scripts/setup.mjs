#!/usr/bin/env node
// npm run setup [-- --print] [-- --for PURPOSE,...]
// Installs what is missing to build, test and demonstrate this project; --print only lists it.
import { parseArgs } from "node:util";
import { main, StepFailed } from "./steps/command.mjs";
import { missingRequirements, purposes } from "./steps/requirements.mjs";
import { advice, nodeModulesStale, setup } from "./steps/setup.mjs";

await main(() => {
  const { values } = parseArgs({
    options: { print: { type: "boolean", default: false }, for: { type: "string", default: "build,test,demo" } },
  });
  const wanted = values.for === "all" ? purposes : values.for.split(",");
  const unknown = wanted.find((p) => !purposes.includes(p));
  if (unknown) throw new StepFailed(`--for ${unknown}: expected all or some of ${purposes.join(",")}`);
  if (!values.print) {
    setup(wanted);
    console.log("Nothing is missing.");
    return;
  }
  const missing = missingRequirements(wanted);
  const lines = missing.length > 0 ? advice(missing) : [];
  if (nodeModulesStale()) lines.push("missing: node_modules", "npm ci");
  console.log(lines.join("\n") || "Nothing is missing.");
});
