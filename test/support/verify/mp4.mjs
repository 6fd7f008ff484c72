// The parts of an MP4 file that say how it is laid out (ISO/IEC 14496-12), and the NAL units in its samples
// (14496-15).
import { closeSync, openSync, readSync, statSync } from "node:fs";

/** @typedef {{ type: string, body: number, end: number }} Box `body` and `end` are byte positions in the file. */

/** A file opened for reading here and there. Close it. */
export class Mp4File {
  #fd;

  /** @param {string} path */
  constructor(path) {
    this.#fd = openSync(path, "r");
    this.size = statSync(path).size;
  }

  close() {
    closeSync(this.#fd);
  }

  /** @param {number} position @param {number} length */
  read(position, length) {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(this.#fd, bytes, 0, length, position));
  }

  /**
   * The boxes in a part of the file; by default its top level.
   * @param {number} [from]
   * @param {number} [to]
   * @returns {Box[]}
   */
  boxes(from = 0, to = this.size) {
    const found = [];
    for (let at = from; at + 8 <= to;) {
      const head = this.read(at, 16);
      let length = head.readUInt32BE(0);
      const large = length === 1;
      if (large) length = Number(head.readBigUInt64BE(8));
      if (length === 0) length = to - at;
      if (length < 8) break;
      found.push({ type: head.toString("latin1", 4, 8), body: at + (large ? 16 : 8), end: at + length });
      at += length;
    }
    return found;
  }

  /** Boxes of the last type that lie in boxes of the types before it. @param {Box} box @param {...string} types */
  inside(box, ...types) {
    return types.reduce(
      (boxes, type) => boxes.flatMap((b) => this.boxes(b.body, b.end).filter((c) => c.type === type)),
      [box],
    );
  }
}

/** Of a full box with a list in it: how many entries. */
const entryCount = (file, box) => file.read(box.body + 4, 4).readUInt32BE(0);

// The fields of a visual sample entry that come before the boxes in it.
const visualSampleEntryBytes = 78;

/**
 * @typedef {object} Track
 * @property {string} handler "vide", "soun", ...
 * @property {number} sampleDescriptions
 * @property {number} edits
 * @property {string} sampleEntry "avc1", "mp4a", ...
 * @property {Set<number> | null} syncSamples By number, from 1; null: every sample is one.
 * @property {number[]} sampleDurations In ticks of its media.
 * @property {readonly [num: bigint, den: bigint]} duration How long it is shown, in seconds.
 * @property {Buffer | null} configuration The body of avcC or hvcC.
 */

function syncSamples(file, trak) {
  const [stss] = file.inside(trak, "mdia", "minf", "stbl", "stss");
  if (!stss) return null;
  const numbers = file.read(stss.body + 8, 4 * entryCount(file, stss));
  return new Set(Array.from({ length: numbers.length / 4 }, (_, i) => numbers.readUInt32BE(4 * i)));
}

function sampleDurations(file, trak) {
  const [stts] = file.inside(trak, "mdia", "minf", "stbl", "stts");
  const table = file.read(stts.body + 8, 8 * entryCount(file, stts));
  return Array.from({ length: table.length / 8 }, (_, i) =>
    Array(table.readUInt32BE(8 * i)).fill(table.readUInt32BE(8 * i + 4)),
  ).flat();
}

/** Of mvhd or mdhd. */
function timescaleAndDuration(file, box) {
  const body = file.read(box.body, 32);
  return body[0] === 1
    ? { timescale: BigInt(body.readUInt32BE(20)), duration: body.readBigUInt64BE(24) }
    : { timescale: BigInt(body.readUInt32BE(12)), duration: BigInt(body.readUInt32BE(16)) };
}

/** The sum of the edits, and without any the media's length. */
function shownDuration(file, moov, trak) {
  const media = timescaleAndDuration(file, file.inside(trak, "mdia", "mdhd")[0]);
  const [elst] = file.inside(trak, "edts", "elst");
  if (!elst) return [media.duration, media.timescale];
  const wide = file.read(elst.body, 1)[0] === 1;
  const entryBytes = wide ? 20 : 12;
  const table = file.read(elst.body + 8, entryBytes * entryCount(file, elst));
  let duration = 0n;
  for (let at = 0; at < table.length; at += entryBytes) {
    duration += wide ? table.readBigUInt64BE(at) : BigInt(table.readUInt32BE(at));
  }
  return [duration, timescaleAndDuration(file, file.inside(moov, "mvhd")[0]).timescale];
}

/** @param {Mp4File} file @returns {Track[]} */
export function tracks(file) {
  const moov = file.boxes().find((box) => box.type === "moov");
  if (!moov) return [];
  return file.inside(moov, "trak").map((trak) => {
    const handler = file.inside(trak, "mdia", "hdlr")[0];
    const [stsd] = file.inside(trak, "mdia", "minf", "stbl", "stsd");
    const [entry] = file.boxes(stsd.body + 8, stsd.end);
    const [elst] = file.inside(trak, "edts", "elst");
    const settings = file
      .boxes(entry.body + visualSampleEntryBytes, entry.end)
      .find((box) => /^(avcC|hvcC)$/.test(box.type));
    return {
      handler: file.read(handler.body + 8, 4).toString("latin1"),
      sampleDescriptions: entryCount(file, stsd),
      edits: elst ? entryCount(file, elst) : 0,
      sampleEntry: entry.type,
      syncSamples: syncSamples(file, trak),
      sampleDurations: sampleDurations(file, trak),
      duration: shownDuration(file, moov, trak),
      configuration: settings ? file.read(settings.body, settings.end - settings.body) : null,
    };
  });
}

/**
 * The parameter sets in the body of an avcC or hvcC box, in order.
 * @param {Buffer} body
 * @param {"h264" | "hevc"} codec
 */
export function parameterSets(body, codec) {
  const sets = [];
  let at;
  const take = (count) => {
    for (let i = 0; i < count; i++) {
      const length = body.readUInt16BE(at);
      sets.push(body.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  };
  if (codec === "h264") {
    at = 6;
    take(body[5] & 31);
    take(body[at++]);
    return sets;
  }
  at = 23;
  for (let arrays = body[22]; arrays > 0; arrays--) {
    const count = body.readUInt16BE(at + 1);
    at += 3;
    take(count);
  }
  return sets;
}

/**
 * How many bytes give the length of a NAL unit.
 * @param {Buffer} body Of avcC or hvcC.
 * @param {"h264" | "hevc"} codec
 */
export const lengthBytes = (body, codec) => (body[codec === "h264" ? 4 : 21] & 3) + 1;

/**
 * The NAL units of a sample.
 * @param {Buffer} sample
 * @param {number} prefix Bytes of each length.
 * @returns {Buffer[]}
 */
export function nalUnits(sample, prefix) {
  const units = [];
  for (let at = 0; at + prefix <= sample.length;) {
    const length = sample.readUIntBE(at, prefix);
    units.push(sample.subarray(at + prefix, at + prefix + length));
    at += prefix + length;
  }
  return units;
}

const startCode = Buffer.from([0, 0, 0, 1]);

/** NAL units as a stream with start codes. @param {Buffer[]} units */
export const bareStream = (units) => Buffer.concat(units.flatMap((unit) => [startCode, unit]));

/** @param {Buffer} unit @param {"h264" | "hevc"} codec */
export const unitType = (unit, codec) => (codec === "h264" ? unit[0] & 31 : (unit[0] >> 1) & 63);

const isOneOf = (types) => (unit, codec) => types[codec].includes(unitType(unit, codec));

/** @type {(unit: Buffer, codec: "h264" | "hevc") => boolean} */
export const isParameterSet = isOneOf({ h264: [7, 8, 13, 15], hevc: [32, 33, 34] });

/**
 * Whether decoding can start here: IDR in H.264, any IRAP picture in HEVC.
 * @type {(unit: Buffer, codec: "h264" | "hevc") => boolean}
 */
export const isEntryPoint = isOneOf({ h264: [5], hevc: [16, 17, 18, 19, 20, 21] });
