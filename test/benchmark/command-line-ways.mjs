// The ways to render an export config with the ffmpeg command line: as the caller does it today, and in one
// process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { attempt, words } from "../support/ffmpeg.mjs";

/** The encoder settings that all ways share where everything is encoded: those of mode "reencode". */
export const wholeEncode = { preset: "fast", crf: 18, audioBitrate: 192_000 };

const sourceFile = (config, base, index) => {
  const { filePath } = config.sources[index];
  return path.isAbsolute(filePath) ? filePath : path.join(base, "sources", filePath);
};

const sum = (values) => values.reduce((a, b) => a + b, 0);
const encodeArgs = `-c:v libx264 -preset ${wholeEncode.preset} -crf ${wholeEncode.crf} -c:a aac -b:a ${wholeEncode.audioBitrate}`;

function canvasFilter({ width, height }) {
  return `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`;
}

/** Runs ffmpeg and returns the most memory it had, in bytes. */
async function ffmpegPeak(args) {
  const { code, log } = await attempt("ffmpeg", ["-hide_banner", "-nostdin", "-y", "-nostats", "-benchmark", ...args]);
  if (code !== 0) throw new Error(`ffmpeg ${args.join(" ")}\nexit status ${code}\n${log}`);
  return Number(/maxrss=(\d+)/.exec(log)?.[1] ?? 0) * 1024;
}

/**
 * Today's way: one ffmpeg for each segment, one more to concatenate.
 * @param {{ config: object, base: string, output: string, encode: boolean }} request `encode`: decode and
 *   encode everything instead of copying.
 * @returns {Promise<{ peakBytes: number }>} The largest of the processes.
 */
export async function cutAndConcatenate({ config, base, output, encode }) {
  const folder = mkdtempSync(path.join(path.dirname(output), ".segments-"));
  try {
    let peakBytes = 0;
    const filter = `${canvasFilter(config.output)},fps=${config.output.fps}`;
    const treatment = words(encode ? `-vf ${filter} ${encodeArgs}` : "-c copy -avoid_negative_ts make_zero");
    const files = config.segments.map((_, i) => path.join(folder, `segment_${i}.mp4`));
    for (const [i, { startTime, endTime, sourceIndex, audioFromSource }] of config.segments.entries()) {
      const input = [...words(`-ss ${startTime} -to ${endTime} -i`), sourceFile(config, base, sourceIndex)];
      const sound = audioFromSource === false ? ["-an"] : [];
      peakBytes = Math.max(peakBytes, await ffmpegPeak([...input, ...treatment, ...sound, files[i]]));
    }
    const list = path.join(folder, "list.txt");
    writeFileSync(list, files.map((file) => `file '${file}'\n`).join(""));
    const concatenate = [...words("-f concat -safe 0 -i"), list, ...words("-c copy"), output];
    peakBytes = Math.max(peakBytes, await ffmpegPeak(concatenate));
    return { peakBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Each segment's place on the output's grid, and the source picture it begins with: what is on screen at the
 * middle of its first picture's time. Right for sources of the output's own constant rate that begin at 0.
 * An input is opened half a picture before the first one wanted, so that seeking lands on it exactly.
 */
function gridPlaces({ segments, output: { fps } }) {
  const lengths = segments.map((s) => s.endTime - s.startTime);
  // The first whose middle is not before `time`: to the rounding of decimal times.
  const firstPicture = (time) => Math.ceil(time * fps - 0.5 - 1e-6);
  return segments.map(({ startTime }, i) => {
    const at = sum(lengths.slice(0, i));
    const first = firstPicture(at);
    const frame = Math.floor((startTime - at) * fps + first + 0.5 + 1e-6);
    const openFrom = Math.max(0, (frame - 0.5) / fps);
    const end = i + 1 < segments.length ? firstPicture(at + lengths[i]) : Math.round(sum(lengths) * fps);
    const count = end - first;
    return { count, openFrom, soundFrom: Math.max(0, startTime - openFrom), seconds: lengths[i] };
  });
}

function graph(config, places) {
  const parts = places.flatMap(({ count, soundFrom, seconds }, i) => [
    `[${i}:v]${canvasFilter(config.output)},trim=end_frame=${count},setpts=PTS-STARTPTS[v${i}]`,
    `[${i}:a]atrim=start=${soundFrom}:end=${soundFrom + seconds},asetpts=PTS-STARTPTS[a${i}]`,
  ]);
  const joined = (kind, streams) =>
    `${places.map((_, i) => `[${kind}${i}]`).join("")}concat=n=${places.length}:${streams}[${kind}]`;
  return [...parts, joined("v", "v=1:a=0"), joined("a", "v=0:a=1")].join(";");
}

function inputs(config, base, places) {
  const { fps } = config.output;
  return config.segments.flatMap(({ sourceIndex }, i) => {
    const { openFrom, count } = places[i];
    return [...words(`-ss ${openFrom} -t ${(count + 2) / fps + 0.1} -i`), sourceFile(config, base, sourceIndex)];
  });
}

/**
 * Everything decoded and encoded by one ffmpeg that opens each segment as an input of its own.
 * @param {{ config: object, base: string, output: string }} request
 * @returns {Promise<{ peakBytes: number }>}
 */
export async function encodeInOneProcess({ config, base, output }) {
  const places = gridPlaces(config);
  const filter = ["-filter_complex", graph(config, places)];
  const options = words(`-map [v] -map [a] -r ${config.output.fps} ${encodeArgs} -movflags +faststart`);
  return { peakBytes: await ffmpegPeak([...inputs(config, base, places), ...filter, ...options, output]) };
}

/**
 * How like the pictures it was made from an encoded output is.
 * @param {{ config: object, base: string, output: string }} request
 * @returns {Promise<{ frames: number, psnr: number }>} `psnr` in dB over all planes, on average.
 */
export async function measureQuality({ config, base, output }) {
  const places = gridPlaces(config);
  const opened = [...inputs(config, base, places), "-i", output];
  const inStep = `settb=AVTB,setpts=N/TB/${config.output.fps}`;
  const pairs = `[${places.length}:v]${inStep}[seen];[v]${inStep}[wanted];[seen][wanted]psnr=shortest=1`;
  const compare = `${graph(config, places)};[a]anullsink;${pairs}`;
  const quietly = words("-hide_banner -nostdin");
  const { code, log } = await attempt("ffmpeg", [
    ...quietly,
    ...opened,
    "-filter_complex",
    compare,
    ...words("-f null -"),
  ]);
  const psnr = /average:([\d.]+|inf)/.exec(log)?.[1];
  if (code !== 0 || !psnr) throw new Error(`measuring ${output} failed\n${log}`);
  return { frames: Number([...log.matchAll(/frame= *(\d+)/g)].at(-1)[1]), psnr: Number(psnr) };
}
