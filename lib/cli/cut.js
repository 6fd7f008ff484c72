import { Command } from "commander";
import { cut } from "../cut.js";
import { addOutputOptions, addRenderOptions, seconds, toExportOptions } from "./options.js";
import { run } from "./run.js";
import { describeReport } from "./summary.js";

export function cutCommand() {
  const command = new Command("cut")
    .summary("cut one span out of one file")
    .description("Cuts one span out of one file, frame-exactly, encoding only the pictures around the cuts.")
    .argument("<input>", "the file to cut from")
    .requiredOption("-o, --output <file>", "the file to write: .mp4, .m4v or .webm")
    .option(
      "--start <time>",
      "where to begin: seconds, or m:ss, or h:mm:ss, with a fraction if need be (default: 0)",
      seconds,
    )
    .option("--end <time>", "where to end, likewise (default: the end of the file)", seconds)
    .option("--no-sound", "leave the sound out")
    .addHelpText(
      "after",
      `
Examples:
  opencut-libav cut interview.mp4 -o answer.mp4 --start 1:30.5 --end 2:10
  opencut-libav cut interview.mp4 -o rough.mp4 --start 90 --end 130 --mode copy`,
    );
  return addOutputOptions(addRenderOptions(command)).action(async (input, options) => {
    const { output, mediaBasePath: _, ...exportOptions } = toExportOptions(options);
    const { start, end, sound } = options;
    await run(
      options,
      (job) => cut(input, String(output), { ...exportOptions, start, end, includeAudio: sound, ...job }),
      describeReport,
    );
  });
}
