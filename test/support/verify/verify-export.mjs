// An independent check of an exported file against its config: sources and output are decoded by the ffmpeg
// command line, never by this project's own code, and compared picture by picture and segment by segment.
import { statSync } from "node:fs";
import path from "node:path";
import { matrixName } from "../ffmpeg.mjs";
import {
  checkBoxes,
  checkRandomAccess,
  checkSamples,
  checkTimeStamps,
  inspect,
  isMp4,
  readSamples,
  readTracks,
} from "./container.mjs";
import { checkCopied, checkExact, checkResampled } from "./picture-checks.mjs";
import { decodePictures, sourcePictures, strictDecode } from "./pictures.mjs";
import { checkSound } from "./sound-checks.mjs";
import { exactPictures, exactRate, grainsPerSecond, placeRuns, resampledPictures } from "./timeline-rule.mjs";

/**
 * @typedef {object} Finding Something that is not as it must be.
 * @property {string} code
 * @property {string} message For people.
 * @property {number} [count] How often.
 * @property {number} [segment] Index into the config's segments.
 * @property {number} [frame] Index into the output's pictures.
 *
 * @typedef {object} Verification
 * @property {boolean} ok No findings.
 * @property {Finding[]} findings
 * @property {Record<string, number>} facts What was measured: `frames`, `identicalFrames`, `copyableFrames`,
 *   `worstPsnr` (dB), `farthestMs`, `soundLagMs` (the largest), `soundMeasured` (runs), `syncSamples`.
 *
 * @typedef {object} Check
 * @property {object} config The export config.
 * @property {string} output The file to check.
 * @property {string} [mediaBase] Relative sources lie in `<mediaBase>/sources/`.
 * @property {"exact" | "copy" | "reencode"} [mode] What was promised: every picture the one that the timeline
 *   rule puts there; whole GOPs that cover each run; or pictures at the config's rate and size.
 * @property {number} [maxLagMs] How late or early sound may be. 12: copied packets; below 0.1: to the sample,
 *   nearly.
 * @property {number} [minPsnr] Of re-encoded pictures, dB.
 * @property {number | "auto"} [minCopied] The share of pictures that must decode to the source's very bits;
 *   "auto": all that the sources' sync samples allow, less the reorder depth at each cut.
 * @property {boolean} [randomAccess] Decode from every sync sample.
 */

const canHoldSamples = (codec) => codec === "h264" || codec === "hevc";
const ratio = (text) => text.split("/").map(BigInt);

/**
 * Its pictures at which a copy can begin: all keyframes, those of open GOPs too, which can be made IDR. Pictures that
 * lead the very first cannot be decoded.
 */
function syncFramesOf(inspected) {
  const packets = inspected.packetsOf(inspected.video);
  const isShown = ({ pts, discarded }) => !discarded && pts >= packets[0].pts;
  const shown = packets.filter(isShown).map(({ pts, key }) => ({ pts, usable: key }));
  return shown.sort((a, b) => a.pts - b.pts).flatMap((picture, frame) => (picture.usable ? [frame] : []));
}

async function describe(file) {
  const inspected = await inspect(file);
  const { video, audio, packetsOf } = inspected;
  const { duration } = packetsOf(video).reduce((a, b) => (b.pts > a.pts ? b : a));
  // A source's time 0: the earliest start of picture and sound.
  const starts = [video, audio].map((stream) => Number(stream?.start_time)).filter(Number.isFinite);
  const origin = Math.min(...starts);
  return { video, audio, origin, syncFrames: syncFramesOf(inspected), lastDuration: BigInt(duration) };
}

const described = new Map();

/** What is known of a source without decoding it; many exports are checked against one. */
function describeSource(file) {
  const key = `${file}|${statSync(file).mtimeMs}`;
  if (!described.has(key)) described.set(key, describe(file));
  return described.get(key);
}

async function openSource(config, index, { mediaBase, fit }) {
  const { filePath } = config.sources[index];
  const file = path.isAbsolute(filePath) ? filePath : path.join(mediaBase, "sources", filePath);
  const description = await describeSource(file);
  const filter = fit(description.video);
  return {
    file,
    ...description,
    fitted: filter !== undefined,
    pictures: await sourcePictures(file, description.video.index, { fit: filter, origin: description.origin }),
  };
}

const nearestMultiple = (value, unit) => ((2n * value + unit) / (2n * unit)) * unit;

/**
 * Times of a constant rate that a container's clock has rounded are that rate's: the nearest frame boundary may be
 * another where one lies a millisecond off.
 */
function unrounded(starts, tick, interval) {
  if (interval <= tick) return starts;
  const places = starts.map((start) => nearestMultiple(start - starts[0], interval));
  const late = starts.map((start, i) => start - places[i]).sort((a, b) => (a < b ? -1 : 1));
  if (late.at(-1) - late[0] > tick) return starts;
  const origin = (late.at(-1) + late[0]) / 2n;
  return places.map((place) => origin + place);
}

/** The clock of a source's pictures. The last is on screen for its packet's duration. */
function clockOf({ pictures, lastDuration, video }, grains) {
  const [num, den] = pictures.timeBase;
  const inGrains = (ticks) => (ticks * num * grains) / den;
  const [pictureCount, secondCount] = ratio(video.r_frame_rate);
  const interval = pictureCount > 0n ? (grains * secondCount) / pictureCount : 0n;
  const starts = unrounded(
    pictures.list.map((picture) => inGrains(picture.ticks)),
    inGrains(1n),
    interval,
  );
  const average = starts.length > 1 ? (starts.at(-1) - starts[0]) / BigInt(starts.length - 1) : grains / 30n;
  return { starts, end: starts.at(-1) + (lastDuration > 0n ? inGrains(lastDuration) : average) };
}

async function checkFile(output, { randomAccess, facts }) {
  const { streams, video, audio, packetsOf } = await inspect(output);
  if (!video) return { findings: [{ code: "NO_PICTURE", message: "the output has no video stream" }] };
  const findings = [];
  if (streams.filter((s) => s.codec_type === "video").length > 1)
    findings.push({ code: "STREAMS", message: "more than one video stream" });
  const packets = packetsOf(video);
  const audioPackets = audio ? packetsOf(audio) : [];
  findings.push(...checkTimeStamps(packets, "video"), ...checkTimeStamps(audioPackets, "audio"));
  if (Number(video.start_time) !== 0)
    findings.push({ code: "START", message: `the picture starts at ${video.start_time} s` });
  const [pictures, strict] = await Promise.all([
    decodePictures(output, video.index),
    strictDecode(output, { video, audio }),
  ]);
  facts.frames = pictures.list.length;
  if (strict.complaints.length > 0) findings.push({ code: "DECODER_COMPLAINS", message: strict.complaints[0] });
  if (!strict.threadsAgree) {
    findings.push({ code: "THREADS_DIFFER", message: "one decoder thread gives other pictures than several" });
  }
  const track = readTracks(output)[video.index];
  if (isMp4(output)) {
    findings.push(...checkBoxes(output, video.codec_name));
    findings.push(...(await checkCodedPictures(output, { video, packets, pictures, strict, randomAccess, facts })));
  }
  return { findings, video, audio, packets, audioPackets, pictures, track };
}

async function checkCodedPictures(output, { video, packets, pictures, strict, randomAccess, facts }) {
  const codec = video.codec_name;
  if (!canHoldSamples(codec)) return [];
  const coded = readSamples(output, packets, codec);
  const findings = checkSamples(coded, codec);
  facts.syncSamples = coded.samples.filter((sample) => sample.sync).length;
  if (!randomAccess) return findings;
  const linear = new Map(pictures.list.map(({ ticks }, i) => [Number(ticks), strict.hashes[i]]));
  return [...findings, ...(await checkRandomAccess(coded, packets, video, linear))];
}

/** Brings pictures of any shape onto a canvas, in limited range, of another matrix where one is given. */
function canvasFilter({ width, height }, matrix) {
  const colour = `out_range=limited${matrix ? `:out_color_matrix=${matrixName(matrix)}` : ""}`;
  const scale = `scale=${width}:${height}:force_original_aspect_ratio=decrease:${colour}`;
  return `${scale},pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,format=yuv420p`;
}

/** Size and sample aspect ratio of a stream as it is shown. */
function shownShape({ width, height, sample_aspect_ratio: told, side_data_list: sideData = [] }) {
  const [num, den] = (told ?? "1:1").split(":").map(Number);
  const [across, up] = num > 0 && den > 0 ? [num, den] : [1, 1];
  const turned = sideData.some(({ rotation = 0 }) => rotation % 180 !== 0);
  return turned ? { width: height, height: width, aspect: up / across } : { width, height, aspect: across / up };
}

/** How a source's pictures come into an output of another shape; undefined where it has the same. */
function fitInto(made, source) {
  const [to, from] = [made, source].map(shownShape);
  if (to.width === from.width && to.height === from.height && to.aspect === from.aspect) return undefined;
  const stretch = from.aspect === to.aspect ? "" : `scale=trunc(iw*${from.aspect / to.aspect}/2)*2:ih,setsar=1,`;
  return stretch + canvasFilter(to, source.color_space && made.color_space);
}

function fitOf({ config, mode, made }) {
  const { width, height } = config.output;
  if (mode === "exact") return (source) => fitInto(made, source);
  const canvas = mode === "reencode" && width && height ? canvasFilter({ width, height }) : undefined;
  return () => canvas;
}

async function openSources(config, { mediaBase, fit }) {
  const used = [...new Set(config.segments.map((segment) => segment.sourceIndex))];
  return new Map(await Promise.all(used.map(async (index) => [index, await openSource(config, index, { mediaBase, fit })])));
}

/** The sources' runs on a timeline whose grains make `units`, too, whole. */
function placeSources(config, sources, units) {
  const ofSources = [...sources.values()].flatMap(({ pictures, video }) => {
    const [pictureCount] = ratio(video.r_frame_rate);
    return [pictures.timeBase, ...(pictureCount > 0n ? [/** @type {const} */ ([1n, pictureCount])] : [])];
  });
  const grains = grainsPerSecond([...ofSources, ...units]);
  const clocks = new Map([...sources].map(([index, source]) => [index, clockOf(source, grains)]));
  return { sources, clocks, grains, ...placeRuns(config.segments, clocks, grains) };
}

/** The pictures that the timeline rule asks for. */
const expectedOf = ({ runs, clocks, grains, timelineEnd }, { mode, rate }) =>
  mode === "reencode" ? resampledPictures(runs, clocks, { rate, timelineEnd, grains }) : exactPictures(runs, clocks);

function checkPictures({ config, sources, file, mode, minPsnr, minCopied, facts }) {
  const rate = config.output.fps ? exactRate(config.output.fps) : ratio(file.video.avg_frame_rate);
  const placed = placeSources(config, sources, [file.pictures.timeBase, [1n, 2n * rate[0]]]);
  const context = { file, minPsnr, minCopied, facts, ...placed };
  if (mode === "copy") return { ...context, findings: checkCopied(context) };
  const expected = expectedOf(placed, { mode, rate });
  const check = mode === "reencode" ? checkResampled : checkExact;
  return { ...context, findings: check({ ...context, expected, canvas: config.output }) };
}

/**
 * Which pictures the timeline rule puts on an export, and when, without looking at it.
 * @param {object} config
 * @param {{ mediaBase: string, mode: "exact" | "reencode" }} options As of Check.
 * @returns {Promise<{ source: number, frame: number, seconds: number }[]>} `frame` is the index in the source.
 */
export async function expectedPictures(config, { mediaBase, mode }) {
  const rate = exactRate(config.output.fps);
  const sources = await openSources(config, { mediaBase, fit: () => undefined });
  const placed = placeSources(config, sources, [[1n, 2n * rate[0]]]);
  return expectedOf(placed, { mode, rate }).map(({ run, frame, time }) => ({
    source: run.source,
    frame,
    seconds: Number(time) / Number(placed.grains),
  }));
}

/**
 * @param {Check} check
 * @returns {Promise<Verification>}
 */
export async function verifyExport({
  config,
  output,
  mediaBase = ".",
  mode = "exact",
  maxLagMs = 12,
  minPsnr = 30,
  minCopied = 0,
  randomAccess = true,
}) {
  /** @type {Record<string, number>} */
  const facts = {};
  const file = await checkFile(output, { randomAccess, facts });
  const findings = file.findings;
  if (file.video) {
    const sources = await openSources(config, { mediaBase, fit: fitOf({ config, mode, made: file.video }) });
    const pictures = checkPictures({ config, sources, file, mode, minPsnr, minCopied, facts });
    findings.push(...pictures.findings);
    findings.push(...(await checkSound({ ...pictures, config, output, mode, maxLagMs })));
  }
  return { ok: findings.length === 0, findings, facts };
}
