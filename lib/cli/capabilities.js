import { Command } from "commander";
import { capabilities } from "../capabilities.js";
import { addOutputOptions } from "./options.js";
import { run } from "./run.js";
/** @import { Capabilities } from "../../types/capabilities.js" */

export function capabilitiesCommand() {
  const command = new Command("capabilities")
    .summary("show what this installation can do")
    .description("Shows versions, licence, and the encoders, decoders, formats and protocols this installation has.");
  return addOutputOptions(command).action(async (options) => {
    await run(options, capabilities, describe);
  });
}

/**
 * @param {Capabilities} found
 * @param {number} width
 */
function describe(found, width) {
  const { package: own, ffmpeg, ...libraries } = found.versions;
  return [
    `@opencut/libav ${own}, FFmpeg ${ffmpeg}, ${found.license}`,
    ...list(
      "libraries",
      Object.entries(libraries).map((entry) => entry.join(" ")),
      width,
    ),
    ...list("encoders", found.encoders, width),
    ...list("decoders", found.decoders, width),
    ...list("muxers", found.muxers, width),
    ...list("protocols", found.protocols, width),
    ...list("hardware", found.hardware, width),
  ].join("\n");
}

/**
 * Names, broken into lines of at most `width` cells.
 * @param {string} title
 * @param {readonly string[]} names
 * @param {number} width
 */
function list(title, names, width) {
  const lines = [`${title}:`];
  let line = " ";
  for (const name of names.length > 0 ? names : ["none"]) {
    if (line !== " " && line.length + 1 + name.length > width) {
      lines.push(line);
      line = " ";
    }
    line += ` ${name}`;
  }
  return [...lines, line];
}
