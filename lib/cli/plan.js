import { Command } from "commander";
import { planExport } from "../plan.js";
import { readConfig } from "./config_file.js";
import { addOutputOptions, addRenderOptions, mediaBaseOption, toExportOptions } from "./options.js";
import { run } from "./run.js";
import { describePlan } from "./summary.js";

export function planCommand() {
  const command = new Command("plan")
    .summary("show what export would do, without doing it")
    .description(
      "Shows what export would do with the same options, without writing anything: what is copied, " +
        "what is encoded and why, how late each run's pictures come, how long and large the file will be.",
    )
    .argument("<config>", "the export config, a JSON file; - reads it from stdin")
    .addOption(mediaBaseOption("folder that the config's relative paths start from (default: the current one)"))
    .option("-o, --output <file>", "plan for this file instead of the config's output.filePath")
    .addHelpText(
      "after",
      `
Examples:
  opencut-libav plan config.json --media-base /data
  opencut-libav plan config.json --json`,
    );
  return addOutputOptions(addRenderOptions(command)).action(async (file, options) => {
    /** @type {any} */
    let config;
    await run(
      options,
      async ({ signal }) => {
        config = await readConfig(file, signal);
        return planExport(config, { ...toExportOptions(options), signal });
      },
      (plan, width) => describePlan(plan, (source) => config.sources[source].name, width),
    );
  });
}
