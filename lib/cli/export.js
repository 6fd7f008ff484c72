import { Command } from "commander";
import { exportVideo } from "../export.js";
import { readConfig } from "./config_file.js";
import { addOutputOptions, addRenderOptions, mediaBaseOption, toExportOptions } from "./options.js";
import { run } from "./run.js";
import { describeReport } from "./summary.js";

export function exportCommand() {
  const command = new Command("export")
    .summary("render an export config to one file")
    .description(
      "Renders an export config to one file. Pictures are copied wherever they can be, and only " +
        "those around the cuts are encoded. The file appears under its name when it is whole.",
    )
    .argument("<config>", "the export config, a JSON file; - reads it from stdin")
    .addOption(mediaBaseOption("folder that the config's relative paths start from (default: the current one)"))
    .option("-o, --output <file>", "write here instead of to the config's output.filePath")
    .addHelpText(
      "after",
      `
Examples:
  opencut-libav export config.json --media-base /data
  opencut-libav export config.json -o /tmp/preview.mp4 --mode copy
  opencut-libav export config.json --json > report.json`,
    );
  return addOutputOptions(addRenderOptions(command)).action(async (file, options) => {
    await run(
      options,
      async (job) => exportVideo(await readConfig(file, job.signal), { ...toExportOptions(options), ...job }),
      describeReport,
    );
  });
}
