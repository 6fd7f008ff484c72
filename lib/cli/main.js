#!/usr/bin/env node
// opencut-libav: argv -> command -> exit code.
import { Command, CommanderError } from "commander";
import { MediaError } from "../errors.js";
import { VERSION } from "../version.js";
import { capabilitiesCommand } from "./capabilities.js";
import { cutCommand } from "./cut.js";
import { exportCommand } from "./export.js";
import { fail } from "./outcome.js";
import { planCommand } from "./plan.js";
import { probeCommand } from "./probe.js";
import { processCommand } from "./process.js";

/** @param {string[]} argv Without the program's own name. */
async function main(argv) {
  const program = new Command("opencut-libav")
    .description("Renders OpenCut export configs, serves a folder of jobs, cuts and inspects media files.")
    .version(VERSION)
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 2 wrong arguments, config or cut, 3 unreadable source, 4 cannot be done or failed,
5 file system, 6 the native addon is missing, 130 cancelled by Ctrl-C.`,
    );
  const commands = [exportCommand, planCommand, cutCommand, probeCommand, capabilitiesCommand, processCommand];
  for (const make of commands) program.addCommand(make());
  // Commander would print its errors itself and end the process: a mistake in the arguments is reported like any other.
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError() {} });
  }
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // --help, --version
    if (error.code === "commander.help") {
      process.exitCode = 2; // No command: the help went to stderr.
      return;
    }
    const command = program.commands.find((each) => each.name() === argv[0]);
    const hint = `See: opencut-libav ${command ? `${argv[0]} ` : ""}--help`;
    const message = error.message.replace(/^error: /, "");
    fail(new MediaError("ERR_BAD_ARGS", message, { hint }), argv.includes("--json"));
  }
}

// Whoever read the output has seen enough (`| head`): no reason to complain.
process.stdout.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

main(process.argv.slice(2));
