// What must hold of an exported file whatever is in the pictures: boxes, time stamps, sync samples.
import { ffprobe } from "../ffmpeg.mjs";
import {
  bareStream,
  isEntryPoint,
  isParameterSet,
  lengthBytes,
  Mp4File,
  nalUnits,
  parameterSets,
  tracks,
} from "./mp4.mjs";
import { hashBareStreams } from "./pictures.mjs";

/**
 * @typedef {import("./verify-export.mjs").Finding} Finding
 *
 * @typedef {object} Packet
 * @property {number} pts Ticks.
 * @property {number} dts
 * @property {number} duration
 * @property {number} size
 * @property {number} pos In the file.
 * @property {boolean} key
 * @property {boolean} discarded Decoded but not shown.
 */

/** Decoders that are opened at once. */
const decodersAtOnce = 16;

function packetOf({ pts, dts, duration = 0, size, pos, flags }) {
  return {
    pts,
    dts,
    duration,
    size: Number(size),
    pos: Number(pos),
    key: flags.includes("K"),
    discarded: flags.includes("D"),
  };
}

/**
 * @typedef {object} Inspected
 * @property {object | undefined} video The first stream of pictures that is no cover image, as ffprobe
 *   describes it.
 * @property {object | undefined} audio
 * @property {object[]} streams
 * @property {(stream: object) => Packet[]} packetsOf In decoding order.
 */

/** @param {string} file */
export const isMp4 = (file) => /\.(mp4|mov|m4v)$/i.test(file);

/** The tracks of an MP4 file, which are its streams; none of another file. @param {string} path */
export function readTracks(path) {
  if (!isMp4(path)) return [];
  const file = new Mp4File(path);
  try {
    return tracks(file);
  } finally {
    file.close();
  }
}

/** What a file's headers and packets say. @param {string} file @returns {Promise<Inspected>} */
export async function inspect(file) {
  const { streams = [], packets = [] } = await ffprobe(["-show_streams", "-show_packets", file]);
  const durations = readTracks(file).map((track) => track.sampleDurations);
  return {
    streams,
    video: streams.find((s) => s.codec_type === "video" && !s.disposition?.attached_pic),
    audio: streams.find((s) => s.codec_type === "audio"),
    packetsOf: ({ index }) => {
      const own = packets.filter((packet) => packet.stream_index === index).map(packetOf);
      // Where pictures are reordered, libav does not read a packet's duration but guesses it.
      return own.map((packet, i) => ({ ...packet, duration: durations[index]?.[i] ?? packet.duration }));
    },
  };
}

const numbered = (list, message) => ({
  count: list.length,
  message: `${message}: ${list.length}, first at packet ${list[0]}`,
});

/** Time stamps of one stream. @param {Packet[]} packets @param {string} name @returns {Finding[]} */
export function checkTimeStamps(packets, name) {
  const where = (test) => packets.flatMap((packet, i) => (test(packet, packets[i - 1]) ? [i] : []));
  const shown = new Set();
  const rules = [
    ["DTS_ORDER", "dts does not rise", (p, before) => !Number.isInteger(p.dts) || (before && p.dts <= before.dts)],
    ["PTS_BEFORE_DTS", "pts before dts", (p) => !Number.isInteger(p.pts) || p.pts < p.dts],
    ["PTS_REPEATED", "pts used twice", (p) => shown.size === shown.add(p.pts).size],
    ["NO_DURATION", "no duration", (p) => !(p.duration > 0)],
  ];
  // An audio stream's priming is decoded and discarded by intent.
  if (name === "video") rules.push(["DISCARDED", "picture cut away by an edit list", (p) => p.discarded]);
  return rules.flatMap(([code, message, broken]) => {
    const found = where(broken);
    return found.length > 0 ? [{ code, ...numbered(found, `${name}: ${message}`) }] : [];
  });
}

/**
 * The boxes of an MP4 file.
 * @param {string} path
 * @param {string} codec Of the video stream, by libav's name.
 * @returns {Finding[]}
 */
export function checkBoxes(path, codec) {
  const file = new Mp4File(path);
  try {
    const types = file.boxes().map((box) => box.type);
    const found = [];
    if (!types.includes("moov") || types.indexOf("moov") > types.indexOf("mdat")) {
      found.push({ code: "MOOV_NOT_FIRST", message: `moov does not come before mdat: ${types.join(" ")}` });
    }
    for (const track of tracks(file)) {
      if (track.sampleDescriptions !== 1)
        found.push({
          code: "SAMPLE_DESCRIPTIONS",
          message: `${track.handler}: ${track.sampleDescriptions} sample descriptions`,
        });
      if (track.edits > 1) found.push({ code: "EDITS", message: `${track.handler}: ${track.edits} edits` });
      const expected = { h264: "avc1", hevc: "hvc1" }[codec];
      if (track.handler === "vide" && expected && track.sampleEntry !== expected) {
        found.push({ code: "SAMPLE_ENTRY", message: `sample entry ${track.sampleEntry}, expected ${expected}` });
      }
    }
    return found;
  } finally {
    file.close();
  }
}

/**
 * The coded samples of an MP4 file's video.
 * @param {string} path
 * @param {Packet[]} packets Of that stream.
 * @param {"h264" | "hevc"} codec
 * @returns {{ sets: Buffer[], samples: { units: Buffer[], sync: boolean }[] }} `sync`: the file says that
 *   decoding can begin here.
 */
export function readSamples(path, packets, codec) {
  const file = new Mp4File(path);
  try {
    const { configuration, syncSamples } = tracks(file).find((track) => track.handler === "vide");
    const prefix = lengthBytes(configuration, codec);
    const samples = packets.map(({ pos, size }, i) => ({
      units: nalUnits(file.read(pos, size), prefix),
      // ffprobe's own flag comes from the picture, not from the file's list.
      sync: syncSamples === null || syncSamples.has(i + 1),
    }));
    return { sets: parameterSets(configuration, codec), samples };
  } finally {
    file.close();
  }
}

/**
 * Parameter sets that belong into the header, sync samples at which no decoder can start, others at which one can.
 * @param {ReturnType<typeof readSamples>} coded
 * @param {"h264" | "hevc"} codec
 * @returns {Finding[]}
 */
export function checkSamples({ samples }, codec) {
  const where = (test) => samples.flatMap((sample, i) => (test(sample) ? [i] : []));
  const found = [];
  const inBand = where(({ units }) => units.some((unit) => isParameterSet(unit, codec)));
  if (inBand.length > 0)
    found.push({ code: "PARAMETER_SETS_IN_SAMPLES", ...numbered(inBand, "samples with parameter sets") });
  const isEntry = ({ units }) => units.some((unit) => isEntryPoint(unit, codec));
  const closed = where((sample) => sample.sync && !isEntry(sample));
  if (closed.length > 0)
    found.push({ code: "SYNC_NOT_ENTRY_POINT", ...numbered(closed, "sync samples without an IDR or IRAP picture") });
  const hidden = where((sample) => !sample.sync && isEntry(sample));
  if (hidden.length > 0)
    found.push({ code: "ENTRY_POINT_NOT_SYNC", ...numbered(hidden, "IDR or IRAP pictures that are no sync samples") });
  return found;
}

/**
 * Decodes from each sync sample to the next with a decoder that has seen nothing else, and compares with what
 * decoding the file from its start gave.
 * @param {ReturnType<typeof readSamples>} coded
 * @param {Packet[]} packets
 * @param {Parameters<typeof hashBareStreams>[1]} video
 * @param {Map<number, string>} linear Hashes by pts.
 * @returns {Promise<Finding[]>}
 */
export async function checkRandomAccess({ sets, samples }, packets, video, linear) {
  const starts = samples.flatMap((sample, i) => (sample.sync ? [i] : []));
  const stretches = starts.map((from, n) => {
    const to = starts[n + 1] ?? packets.length;
    const shown = packets.slice(from, to).filter((p) => p.pts >= packets[from].pts && linear.has(p.pts));
    const expected = shown.sort((a, b) => a.pts - b.pts).map((p) => linear.get(p.pts));
    return {
      from,
      expected,
      stream: bareStream([...sets, ...samples.slice(from, to).flatMap((sample) => sample.units)]),
    };
  });
  const bad = [];
  for (let i = 0; i < stretches.length; i += decodersAtOnce) {
    const batch = stretches.slice(i, i + decodersAtOnce);
    const decoded = await hashBareStreams(
      batch.map((s) => s.stream),
      video,
    );
    // Pictures shown before the sync sample come first, where they can be decoded at all.
    const same = ({ expected }, n) => decoded[n].slice(decoded[n].length - expected.length).join() === expected.join();
    bad.push(...batch.filter((stretch, n) => !same(stretch, n)).map(({ from }) => from));
  }
  if (bad.length === 0) return [];
  return [
    {
      code: "RANDOM_ACCESS",
      ...numbered(bad, "sync samples from which decoding gives other pictures than from the start"),
    },
  ];
}
