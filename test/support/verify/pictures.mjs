// Decoded pictures of a file by the ffmpeg command line, and how alike two of them are.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { attempt, ffmpeg, words } from "../ffmpeg.mjs";

// Each picture is kept small, twice: as a whole scaled down, and its centre as it is. Three planes each.
const smallWidth = 64;
const smallHeight = 36;
const planeBytes = smallWidth * smallHeight;
const pictureBytes = 6 * planeBytes;
const shrink =
  `format=yuv444p,split[all][middle];[all]scale=${smallWidth}:${smallHeight}:flags=area,setsar=1[small];` +
  `[middle]crop='min(iw,${smallWidth})':'min(ih,${smallHeight})',pad=${smallWidth}:${smallHeight},setsar=1[cut];[small][cut]vstack,format=yuv444p`;

/**
 * @typedef {object} Pictures In the order shown.
 * @property {{ ticks: bigint, md5: string }[]} list
 * @property {readonly [num: bigint, den: bigint]} timeBase Seconds per tick.
 * @property {Buffer} small
 */

const keepAll = ["-fps_mode", "passthrough"];
const keepTimes = [...keepAll, "-enc_time_base", "-1"];

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
 * @param {object} [options]
 * @param {string} [options.fit] A filter for the small pictures to pass first: what the export does to the picture's
 *   shape.
 * @param {number} [options.origin] The time in the file, in seconds, from which times count.
 * @returns {Promise<Pictures>}
 */
export async function decodePictures(file, stream, { fit, origin = 0 } = {}) {
  const filter = fit ? `${fit},${shrink}` : shrink;
  const hashed = ["-map", `0:${stream}`, ...keepTimes, "-f", "framemd5", "pipe:1"];
  const small = ["-map", `0:${stream}`, ...keepAll, "-vf", filter, "-f", "rawvideo", "pipe:3"];
  // Left to itself, the command line counts some containers from the start of the streams it decodes.
  const { pipes } = await ffmpeg(["-copyts", "-i", file, ...hashed, ...small], { extraPipes: 1 });
  const { list, timeBase } = parseHashes(pipes[0].toString());
  const shift = BigInt(Math.round((origin * Number(timeBase[1])) / Number(timeBase[0])));
  return { list: list.map(({ ticks, md5 }) => ({ ticks: ticks - shift, md5 })), timeBase, small: pipes[1] };
}

const decoded = new Map();

/** As decodePictures, for sources that many exports are checked against: each is decoded once per process. */
export function sourcePictures(file, stream, options) {
  const key = [file, statSync(file).mtimeMs, stream, options.fit].join("|");
  if (!decoded.has(key)) decoded.set(key, decodePictures(file, stream, options));
  return decoded.get(key);
}

/**
 * Hashes of the pictures in bare streams, each decoded on its own.
 * @param {Buffer[]} streams
 * @param {{ codec_name: "h264" | "hevc", width: number, height: number }} video What they were taken from: a container
 *   may show less of a picture than there is.
 * @returns {Promise<string[][]>}
 */
export async function hashBareStreams(streams, { codec_name: format, width, height }) {
  const inputs = streams.flatMap((_, i) => ["-threads", "1", "-f", format, "-i", `pipe:${3 + i}`]);
  const maps = streams.flatMap((_, i) => ["-map", `${i}:v`]);
  const shown = ["-vf", `crop=${width}:${height}:0:0`];
  // One process for many decoders: most of a short run's time goes into starting it.
  const { pipes } = await ffmpeg(
    [...inputs, ...maps, ...shown, "-fps_mode", "passthrough", "-max_muxing_queue_size", "100000", "-f", "framemd5", "pipe:1"],
    { inputs: streams },
  );
  const hashes = streams.map(() => []);
  for (const [, stream, md5] of pipes[0].toString().matchAll(/^(\d+),.*, *([0-9a-f]{32})$/gm)) hashes[stream].push(md5);
  return hashes;
}

const version = Number(/^ffmpeg version n?(\d+)/.exec(execFileSync("ffmpeg", ["-version"], { encoding: "utf8" }))?.[1]);
// What the other end of a pipeline says of times it cannot count in is not about the file. FFmpeg 8, and no other, ends
// every stream of Opus by parsing a header that is not there.
const harmless = version === 8 ? /^\[(null|framemd5) @|Error parsing Opus packet header/ : /^\[(null|framemd5) @/;
const complains = (line) => /^\[[a-z0-9_,]+ @|[Ee]rror|[Ii]nvalid/.test(line) && !harmless.test(line);

/**
 * Decodes a file by one strict decoder thread, and by several: the hashes of its pictures as they are coded, not turned
 * as its header says, whether both find the same, and what they, the sound's decoder and the demuxer complain of.
 * @param {string} file
 * @param {{ video: object, audio?: object }} streams
 */
export async function strictDecode(file, { video, audio }) {
  const input = (...options) => [...options, "-i", file];
  const hashes = (index, pipe) => ["-map", `${index}:${video.index}`, ...keepTimes, "-f", "framemd5", `pipe:${pipe}`];
  const coded = ["-noautorotate", "-an"];
  // One process, as in hashBareStreams().
  const { code, pipes, log } = await attempt(
    "ffmpeg",
    [
      ...words("-hide_banner -nostdin -v warning"),
      ...input(...coded, ...words("-err_detect explode -threads 1")),
      ...input(...coded, ...words("-threads 4")),
      ...(audio ? input(...words("-err_detect explode -vn")) : []),
      ...hashes(0, 1),
      ...hashes(1, 3),
      ...(audio ? words("-map 2:a -f null -") : []),
    ],
    { extraPipes: 1 },
  );
  const [one, several] = pipes.map((pipe) => parseHashes(pipe.toString()).list.map((picture) => picture.md5));
  const complaints = [...log.split("\n").filter(complains), ...(code === 0 ? [] : [`exit status ${code}`])];
  return { hashes: one, threadsAgree: one.join() === several.join(), complaints };
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
