// Decoded pictures of a file by the ffmpeg command line, and how alike two of them are.
import { statSync } from "node:fs";
import { attempt, ffmpeg } from "../ffmpeg.mjs";

// Each picture is kept small, twice: as a whole scaled down, and its centre as it is. Three planes each.
const width = 64;
const height = 36;
const planeBytes = width * height;
const pictureBytes = 6 * planeBytes;
const shrink =
  `format=yuv444p,split[all][middle];[all]scale=${width}:${height}:flags=area,setsar=1[small];` +
  `[middle]crop='min(iw,${width})':'min(ih,${height})',pad=${width}:${height},setsar=1[cut];[small][cut]vstack,format=yuv444p`;

/**
 * @typedef {object} Pictures In the order shown. Times count from the container's start, as the ffmpeg
 *   command line counts.
 * @property {{ ticks: bigint, md5: string }[]} list
 * @property {readonly [num: bigint, den: bigint]} timeBase Seconds per tick.
 * @property {Buffer} small
 */

const keepTimes = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];

function parseHashes(text) {
  const timeBase = text
    .match(/^#tb 0: (\d+)\/(\d+)/m)
    ?.slice(1)
    .map(BigInt) ?? [1n, 1n];
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const list = lines.map((line) => {
    const [, , pts, , , md5] = line.split(",").map((field) => field.trim());
    return { ticks: BigInt(pts), md5 };
  });
  return { list, timeBase };
}

/**
 * @param {string} file
 * @param {number} stream Its index.
 * @param {string} [fit] A filter for the small pictures to pass first: what the export does to the picture's shape.
 * @returns {Promise<Pictures>}
 */
export async function decodePictures(file, stream, fit) {
  const filter = fit ? `${fit},${shrink}` : shrink;
  const hashed = ["-map", `0:${stream}`, ...keepTimes, "-f", "framemd5", "pipe:1"];
  const small = ["-map", `0:${stream}`, ...keepTimes, "-vf", filter, "-f", "rawvideo", "pipe:3"];
  const { pipes } = await ffmpeg(["-i", file, ...hashed, ...small], { extraPipes: 1 });
  return { ...parseHashes(pipes[0].toString()), small: pipes[1] };
}

const decoded = new Map();

/** As decodePictures, for sources that many exports are checked against: each is decoded once per process. */
export function sourcePictures(file, stream, fit) {
  const key = [file, statSync(file).mtimeMs, stream, fit].join("|");
  if (!decoded.has(key)) decoded.set(key, decodePictures(file, stream, fit));
  return decoded.get(key);
}

/**
 * Hashes of the pictures in bare streams, each decoded on its own.
 * @param {Buffer[]} streams
 * @param {"h264" | "hevc"} format
 * @returns {Promise<string[][]>}
 */
export async function hashBareStreams(streams, format) {
  const inputs = streams.flatMap((_, i) => ["-threads", "1", "-f", format, "-i", `pipe:${3 + i}`]);
  const maps = streams.flatMap((_, i) => ["-map", `${i}:v`]);
  // One process for many decoders: most of a short run's time goes into starting it.
  const { pipes } = await ffmpeg(
    [...inputs, ...maps, "-fps_mode", "passthrough", "-max_muxing_queue_size", "100000", "-f", "framemd5", "pipe:1"],
    { inputs: streams },
  );
  const hashes = streams.map(() => []);
  for (const [, stream, md5] of pipes[0].toString().matchAll(/^(\d+),.*, *([0-9a-f]{32})$/gm)) hashes[stream].push(md5);
  return hashes;
}

/**
 * Hashes of a file's pictures by one strict decoder thread, and what it, the sound's decoder and the demuxer
 * complain of.
 * @param {string} file
 * @param {number} stream Of the pictures.
 */
export async function strictDecode(file, stream) {
  const args = ["-hide_banner", "-nostdin", "-v", "warning", "-err_detect", "explode", "-threads", "1", "-i", file];
  const hashed = ["-map", `0:${stream}`, ...keepTimes, "-f", "framemd5", "pipe:1"];
  const sound = ["-map", "0:a?", "-f", "null", "-"];
  const ran = await attempt("ffmpeg", [...args, ...hashed, ...sound]);
  const complaints = ran.log
    .split("\n")
    .filter((line) => /^\[(?!null|framemd5)[a-z0-9_,]+ @|[Ee]rror|[Ii]nvalid/.test(line));
  if (ran.code !== 0) complaints.push(`exit status ${ran.code}`);
  return { hashes: parseHashes(ran.pipes[0].toString()).list.map((picture) => picture.md5), complaints };
}

/**
 * The lowest peak signal-to-noise ratio over the planes of two pictures, in dB; 99 when they are the same.
 * @param {Pictures} a
 * @param {number} i
 * @param {Pictures} b
 * @param {number} j
 * @param {{ sameSize: boolean }} options Whether their centres can be compared as they are.
 */
export function psnr(a, i, b, j, { sameSize }) {
  let worst = 99;
  for (let plane = 0; plane < 6; plane++) {
    if (plane % 2 === 1 && !sameSize) continue; // Each plane holds the whole above its centre.
    const x = i * pictureBytes + plane * planeBytes;
    const y = j * pictureBytes + plane * planeBytes;
    let squares = 0;
    for (let k = 0; k < planeBytes; k++) squares += (a.small[x + k] - b.small[y + k]) ** 2;
    if (squares > 0) worst = Math.min(worst, 10 * Math.log10((255 ** 2 * planeBytes) / squares));
  }
  return worst;
}
