// Options that several commands take, and their values.
import { InvalidArgumentError, Option } from "commander";
/** @import { Command } from "commander" */
/** @import { ExportOptions } from "../../types/options.js" */

/** @param {Command} command */
export function addOutputOptions(command) {
  return command
    .option(
      "--json",
      "print one JSON object on stdout instead of text: the result, or {code, message, hint, phase, context}",
    )
    .option("-q, --quiet", "print nothing but errors");
}

/** @param {Command} command */
export function addAccessOptions(command) {
  return addRootsOption(command, "refuse files outside this folder; may be given several times").option(
    "--allowed-protocol <name>",
    "let sources use this libav protocol; may be given several times (default: file)",
    collected,
  );
}

/** @param {Command} command @param {string} description */
export function addRootsOption(command, description) {
  return command.option("--allowed-root <dir>", description, collected);
}

/** @param {string} description */
export function mediaBaseOption(description) {
  return new Option("--media-base <dir>", description).env("MEDIA_BASE_PATH");
}

/** @param {Command} command */
export function addRenderOptions(command) {
  return addAccessOptions(addPictureAndSoundOptions(command).option("--no-overwrite", "fail when the output exists"));
}

/** @param {Command} command */
export function addPictureAndSoundOptions(command) {
  return command
    .addOption(
      choice("--mode <mode>", "how much may be copied; hybrid is frame-exact", ["auto", "copy", "hybrid", "reencode"]),
    )
    .addOption(choice("--audio <mode>", "what becomes of the sound", ["auto", "copy", "smart", "exact"]))
    .option("--preset <name>", "speed of the video encoder: ultrafast to veryslow")
    .option("--crf <number>", "quality of encoded pictures, lower is better", number)
    .option("--bitrate <bits>", "bits per second of encoded pictures, such as 8M (only with --mode reencode)", bits)
    .option("--audio-bitrate <bits>", "bits per second of encoded sound, such as 192k", bits)
    .option("--threads <count>", "worker threads (default: the cores that may be used)", number)
    .addOption(
      choice("--fallback <action>", "where a source cannot be copied: encode it, or fail", ["reencode", "fail"]),
    )
    .option("--max-encoded-seconds <seconds>", "fail rather than encode more picture than this", number)
    .addOption(choice("--verify <how>", "how to check the file before it gets its name", ["fast", "full", "off"]));
}

/**
 * @param {Record<string, any>} options As parsed.
 * @returns {ExportOptions}
 */
export function toExportOptions(options) {
  return {
    mediaBasePath: options.mediaBase,
    output: options.output,
    mode: options.mode,
    audio: options.audio,
    video: { preset: options.preset, crf: options.crf, bitrate: options.bitrate },
    audioBitrate: options.audioBitrate,
    threads: options.threads,
    fallback: options.fallback,
    maxEncodedSeconds: options.maxEncodedSeconds,
    overwrite: options.overwrite,
    verify: options.verify,
    ...toAccessOptions(options),
  };
}

/** @param {Record<string, any>} options As parsed. */
export function toAccessOptions(options) {
  return { allowedRoots: options.allowedRoot, allowedProtocols: options.allowedProtocol };
}

/**
 * Seconds from `90.5`, `1:30.5` or `0:01:30.5`.
 * @param {string} text
 */
export function seconds(text) {
  const match = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d+)?)$/.exec(text);
  const [, hours = "0", minutes, rest = ""] = match ?? [];
  if (!match || (minutes !== undefined && Number(rest) >= 60)) {
    throw new InvalidArgumentError("Expected a time such as 90.5 or 1:30.5.");
  }
  return Number(hours) * 3600 + Number(minutes ?? 0) * 60 + Number(rest);
}

/** @param {string} text */
export function number(text) {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("Expected a number.");
  return Number(text);
}

/** @param {string} text */
function bits(text) {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected a number of bits per second, such as 192k or 8M.");
  return Math.round(Number(match[1]) * (match[2] === "M" ? 1e6 : match[2] === "k" ? 1e3 : 1));
}

/** @param {string} text */
export function bytes(text) {
  const match = /^(\d+(?:\.\d+)?)([kMGT]?)$/.exec(text);
  if (!match) throw new InvalidArgumentError("Expected a number of bytes, such as 500M or 8G.");
  return Math.round(Number(match[1]) * 1000 ** ["", "k", "M", "G", "T"].indexOf(match[2] ?? ""));
}

/**
 * @param {string} flags
 * @param {string} description
 * @param {string[]} choices
 */
export function choice(flags, description, choices) {
  return new Option(flags, description).choices(choices);
}

/**
 * @param {string} value
 * @param {string[]} [previous]
 */
function collected(value, previous = []) {
  return [...previous, value];
}
