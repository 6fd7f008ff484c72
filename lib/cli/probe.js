import { Command } from "commander";
import { probe } from "../probe.js";
import { formatBitRate, formatBytes, formatFrameRate, formatTime } from "./format.js";
import { addAccessOptions, addOutputOptions, toAccessOptions } from "./options.js";
import { run } from "./run.js";
/** @import { AudioStreamInfo, MediaInfo, StreamInfo, VideoStreamInfo } from "../../types/media.js" */

export function probeCommand() {
  const command = new Command("probe")
    .summary("show what a media file holds")
    .description("Shows what a media file says about itself: container, streams, chapters. --json shows all of it.")
    .argument("<file>", "the media file")
    .addHelpText("after", "\nExamples:\n  opencut-libav probe clip.mp4\n  opencut-libav probe clip.mp4 --json");
  return addOutputOptions(addAccessOptions(command)).action(async (file, options) => {
    await run(
      options,
      ({ signal }) => probe(file, { ...toAccessOptions(options), signal }),
      describe,
    );
  });
}

/** @param {MediaInfo} info */
function describe(info) {
  const file = listed([
    info.container,
    info.duration !== undefined && formatTime(info.duration),
    info.startTime ? `starts at ${formatTime(info.startTime)}` : false,
    info.size !== undefined && formatBytes(info.size),
    info.bitRate !== undefined && formatBitRate(info.bitRate),
  ]);
  const chapters = info.chapters.map(
    ({ start, end, title }) => `  chapter  ${formatTime(start)} to ${formatTime(end)}  ${title ?? ""}`,
  );
  return [`${info.path}`, `  ${file}`, ...info.streams.map(stream), ...chapters.map((line) => line.trimEnd())].join(
    "\n",
  );
}

/** @param {StreamInfo} info */
function stream(info) {
  const own = info.type === "video" ? picture(info) : info.type === "audio" ? sound(info) : [];
  const facts = listed([
    info.profile ? `${info.codec} (${info.profile})` : info.codec,
    ...own,
    info.bitRate !== undefined && formatBitRate(info.bitRate),
    info.language,
    ...info.disposition,
  ]);
  return `  #${info.index} ${info.type.padEnd(8)} ${facts}`;
}

/** @param {VideoStreamInfo} info */
function picture(info) {
  const { color, sampleAspectRatio } = info;
  return [
    `${info.width}x${info.height}`,
    sampleAspectRatio && sampleAspectRatio[0] !== sampleAspectRatio[1] && `pixels ${sampleAspectRatio.join(":")}`,
    info.pixelFormat,
    info.averageFrameRate && formatFrameRate(info.averageFrameRate),
    [color.range, color.space, color.primaries, color.transfer].filter(Boolean).join("/"),
    info.fieldOrder !== "progressive" && info.fieldOrder && `interlaced ${info.fieldOrder}`,
    info.rotation !== 0 && `turn by ${info.rotation}°`,
    info.mirrored && "mirrored",
    info.hdr?.dolbyVision && `Dolby Vision ${info.hdr.dolbyVision.profile}`,
  ];
}

/** @param {AudioStreamInfo} info */
function sound(info) {
  return [`${info.sampleRate} Hz`, info.channelLayout ?? `${info.channels} channels`, info.sampleFormat];
}

/** @param {(string | false | undefined)[]} parts */
function listed(parts) {
  return parts.filter(Boolean).join(", ");
}
