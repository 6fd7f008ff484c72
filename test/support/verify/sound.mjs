// Decoded sound of a file by the ffmpeg command line, and how much later one sounds than another.
import { statSync } from "node:fs";
import { ffmpeg } from "../ffmpeg.mjs";

// A tenth of the samples is enough to find the place, all of them to find the sample.
const coarseness = 10;
const reachSeconds = 0.15;

/**
 * @typedef {object} Sound
 * @property {number} rate Samples per second.
 * @property {[left: Float32Array, right: Float32Array]} sides Sample 0 is time 0.
 * @property {Float32Array} mono Both sides together.
 * @property {Float32Array} coarse As mono, one sample in ten.
 */

/**
 * @param {string} file
 * @param {number} stream Its index.
 * @param {number} rate Samples per second.
 * @param {object} [options]
 * @param {number} [options.origin] The time in the file, in seconds, from which times count.
 * @param {string} [options.layout] Speakers that it is brought to first, as an export does.
 * @returns {Promise<Sound>}
 */
export async function decodeSound(file, stream, rate, { origin = 0, layout } = {}) {
  // A gap becomes silence from 10 ms on: less may be what a container's clock rounds.
  const placed = `asetpts=PTS-${origin}/TB,aresample=${rate}:async=1:min_hard_comp=0.01:first_pts=0`;
  const filter = layout ? `${placed},aformat=channel_layouts=${layout}` : placed;
  const { pipes } = await ffmpeg([
    ...["-copyts", "-i", file, "-map", `0:${stream}`, "-af", filter, "-ac", "2", "-f", "f32le", "-"],
  ]);
  const bytes = pipes[0];
  const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
  const count = samples.length / 2;
  const sides = [0, 1].map((side) => Float32Array.from({ length: count }, (_, i) => samples[2 * i + side]));
  const mono = Float32Array.from({ length: count }, (_, i) => (sides[0][i] + sides[1][i]) / 2);
  const coarse = new Float32Array(Math.ceil(count / coarseness));
  for (let i = 0; i < count; i++) coarse[Math.floor(i / coarseness)] += mono[i] / coarseness;
  return { rate, sides, mono, coarse };
}

const decoded = new Map();

/** As decodeSound, once per process. */
export function sourceSound(file, stream, rate, options = {}) {
  const key = [file, statSync(file).mtimeMs, stream, rate, options.layout].join("|");
  if (!decoded.has(key)) decoded.set(key, decodeSound(file, stream, rate, options));
  return decoded.get(key);
}

/** Mean of the squares. @param {Float32Array} samples @param {number} from @param {number} count */
export function power(samples, from, count) {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += (samples[i] ?? 0) ** 2;
  return count > 0 ? sum / count : 0;
}

function correlation(a, aFrom, b, bFrom, count) {
  let product = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < count; i++) {
    const x = a[aFrom + i] ?? 0;
    const y = b[bFrom + i] ?? 0;
    product += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? product / Math.sqrt(aa * bb) : -1;
}

function bestFit(a, aFrom, b, bFrom, count, from, to) {
  let best = { lag: 0, fit: -1 };
  for (let lag = from; lag <= to; lag++) {
    const fit = correlation(a, aFrom + lag, b, bFrom, count);
    if (fit > best.fit) best = { lag, fit };
  }
  return best;
}

/**
 * How many samples later than at `time` the output has what the source has at `sourceTime`, by
 * cross-correlation within 150 ms, and how well it fits there (1: the same). Of places that fit alike, as in
 * a hum, the one asked about.
 * @param {Sound} output
 * @param {number} time Seconds.
 * @param {Sound} source
 * @param {number} sourceTime Seconds.
 * @param {number} seconds How much to compare.
 */
export function soundLag(output, time, source, sourceTime, seconds) {
  const { rate } = output;
  const at = Math.round(time * rate);
  const from = Math.round(sourceTime * rate);
  const count = Math.round(seconds * rate);
  const reach = Math.round((reachSeconds * rate) / coarseness);
  const coarse = (sample) => Math.round(sample / coarseness);
  const near =
    bestFit(output.coarse, coarse(at), source.coarse, coarse(from), coarse(count), -reach, reach).lag * coarseness;
  const found = bestFit(output.mono, at, source.mono, from, count, near - 2 * coarseness, near + 2 * coarseness);
  const still = correlation(output.mono, at, source.mono, from, count);
  return still >= found.fit - 0.001 ? { samples: 0, fit: still } : { samples: found.lag, fit: found.fit };
}
