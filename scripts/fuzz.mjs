#!/usr/bin/env node
// npm run fuzz -- [--target NAME,...] [--seconds N]
// Feeds the parsers with what no encoder makes, under AddressSanitizer and UndefinedBehaviorSanitizer: ten minutes a
// target, or as many seconds as are asked for. What breaks one lies in build/fuzz/found afterwards; once it is mended,
// the file belongs into test/fuzz/corpus/NAME as found-*.
import { parseArgs } from "node:util";
import { main, StepFailed } from "./steps/command.mjs";
import { buildFuzzers, fuzzPurposes, fuzzTargets, runFuzzers } from "./steps/fuzzers.mjs";
import { setup } from "./steps/setup.mjs";
import { Tally } from "./steps/tally.mjs";

const usage = `npm run fuzz -- [--target NAME,...] [--seconds N]

  --target   one or more of ${fuzzTargets().join(", ")}; all of them otherwise
  --seconds  for each target; 600 otherwise
`;

await main(async () => {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: fuzzTargets().join(",") },
      seconds: { type: "string", default: "600" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return process.stdout.write(usage);
  const targets = values.target.split(",");
  const unknown = targets.find((target) => !fuzzTargets().includes(target));
  const seconds = Number(values.seconds);
  if (unknown !== undefined) throw new StepFailed(`--target ${unknown}: expected some of ${fuzzTargets().join(",")}`);
  if (!Number.isInteger(seconds) || seconds < 1) throw new StepFailed(`--seconds ${values.seconds}: expected 1 or more`);
  setup(fuzzPurposes);
  const directory = buildFuzzers(targets);
  const tally = new Tally();
  await tally.part("fuzzers", () => runFuzzers(directory, targets, seconds));
  tally.finish();
});
