// Whether an output's pictures are the ones that were promised.
import { psnr } from "./pictures.mjs";

/** @typedef {import("./verify-export.mjs").Finding} Finding */

// What re-encoding may do to B-frames at the end of a copied stretch: they wait for a frame that is no longer
// there.
const reorderDepth = 4;
// What MP4's own rounding may do to a time, in either direction: one tick of its movie clock at worst.
const timeToleranceMs = 1.1;

const milliseconds = (grainCount, grains) => Number((grainCount * 1_000_000n) / grains) / 1000;
const distance = (a, b) => (a > b ? a - b : b - a);

/** Adds up broken pictures of one kind; the first is told in full. */
class Broken {
  count = 0;
  #first;

  add(frame, segment, text) {
    this.count++;
    this.#first ??= { frame, segment, text };
  }

  /** @param {string} code @returns {Finding[]} */
  findings(code) {
    if (this.count === 0) return [];
    const { frame, segment, text } = this.#first;
    return [
      {
        code,
        count: this.count,
        frame,
        segment,
        message: `${this.count} pictures, first ${frame} (segment ${segment}): ${text}`,
      },
    ];
  }
}

const timesOf = (
  {
    pictures: {
      list,
      timeBase: [num, den],
    },
  },
  grains,
) => list.map((p) => (p.ticks * num * grains) / den);

function checkCount(file, expected) {
  const count = file.pictures.list.length;
  if (count === expected) return [];
  return [{ code: "FRAME_COUNT", count: count - expected, message: `${count} pictures, expected ${expected}` }];
}

function checkTimes({ file, expected, grains, facts }) {
  const displaced = new Broken();
  let farthest = 0;
  timesOf(file, grains)
    .slice(0, expected.length)
    .forEach((time, k) => {
      const off = milliseconds(distance(time, expected[k].time), grains);
      farthest = Math.max(farthest, off);
      if (off > timeToleranceMs) displaced.add(k, expected[k].run.segment, `${off.toFixed(3)} ms from its place`);
    });
  facts.farthestMs = farthest;
  return displaced.findings("FRAME_TIME");
}

/** The neighbour in its source that picture `k` resembles more than it does the one it should be, if any. */
function betterNeighbour(k, { source, frame, likeness, file, sameSize }) {
  const clearly = likeness < 35 ? 1 : 3; // dB: alike neighbours must not be told apart by coding noise.
  return [frame - 1, frame + 1].find(
    (other) =>
      other >= 0 &&
      other < source.pictures.list.length &&
      psnr(file.pictures, k, source.pictures, other, { sameSize }) > likeness + clearly,
  );
}

/** Whether a source's small pictures show what the output's do at the same size. */
function comparable(source, file) {
  const { width, height } = file.video;
  return source.fitted || (source.video.width === width && source.video.height === height);
}

/** Compares each picture with the one it should be. */
function comparePictures({ file, expected, sources, minPsnr, facts }) {
  const wrong = new Broken();
  const poor = new Broken();
  facts.identicalFrames = 0;
  facts.worstPsnr = 99;
  const count = Math.min(file.pictures.list.length, expected.length);
  for (let k = 0; k < count; k++) {
    const { run, frame } = expected[k];
    const source = sources.get(run.source);
    const sameSize = comparable(source, file);
    if (file.pictures.list[k].md5 === source.pictures.list[frame].md5) {
      facts.identicalFrames++;
      continue;
    }
    const likeness = psnr(file.pictures, k, source.pictures, frame, { sameSize });
    facts.worstPsnr = Math.min(facts.worstPsnr, likeness);
    if (likeness < minPsnr) poor.add(k, run.segment, `${likeness.toFixed(1)} dB against source picture ${frame}`);
    const other = betterNeighbour(k, { source, frame, likeness, file, sameSize });
    if (other !== undefined) wrong.add(k, run.segment, `looks like source picture ${other}, not ${frame}`);
  }
  return [...wrong.findings("WRONG_FRAME"), ...poor.findings("LOW_PSNR")];
}

/** Where the last picture stops being shown, in grains. */
function shownUntil({ track, packets, pictures }, grains) {
  if (track) return (track.duration[0] * grains) / track.duration[1];
  const [num, den] = pictures.timeBase;
  const last = packets.reduce((a, b) => (b.pts > a.pts ? b : a));
  return (BigInt(last.pts + last.duration) * num * grains) / den;
}

/** Where the last picture stops, against the rule's place, to within a tick of the output. */
function checkEnd({ file, pictureEnd, grains }) {
  const end = shownUntil(file, grains);
  const off = milliseconds(distance(end, pictureEnd), grains);
  if (off <= timeToleranceMs) return [];
  return [
    {
      code: "PICTURE_END",
      message: `the picture ends at ${milliseconds(end, grains)} ms, expected ${milliseconds(pictureEnd, grains)} ms`,
    },
  ];
}

const intervals = (starts) => new Set(starts.slice(1).map((time, i) => time - starts[i]));

/** Whether an edit list shows as many pictures of one interval as there are, to the tick. */
function checkEdit({ track, pictures: { list } }, interval, grains) {
  if (!track) return [];
  const [ticks, perSecond] = track.duration;
  if (ticks * grains === BigInt(list.length) * interval * perSecond) return [];
  const message = `the edit list shows ${ticks}/${perSecond} s of ${list.length} pictures of ${interval}/${grains} s`;
  return [{ code: "EDIT", message }];
}

/** Whether a run begins and ends between pictures, and not within one that is held. */
function isOfWholePictures({ source, inPoint, outPoint, first, last }, clocks) {
  const { starts, end } = clocks.get(source);
  return inPoint === starts[first] && outPoint === (starts[last] ?? end);
}

/** Sources of one constant rate make an output of that rate, in the order of decoding as in that of display. */
function checkInterval({ file, clocks, runs, grains }) {
  const inSources = [...clocks.values()].map((clock) => intervals(clock.starts));
  const [interval] = inSources[0];
  if (!inSources.every((set) => set.size === 1 && set.has(interval))) return [];
  if (!runs.every((run) => run.first === run.last || isOfWholePictures(run, clocks))) return [];
  const shown = intervals(timesOf(file, grains));
  const decoded = new Set(file.track?.sampleDurations);
  if (shown.size <= 1 && decoded.size <= 1) return checkEdit(file, interval, grains);
  return [
    {
      code: "FRAME_INTERVAL",
      count: Math.max(shown.size, decoded.size),
      message: `${shown.size} different frame intervals, ${decoded.size} durations of samples from sources with one interval`,
    },
  ];
}

const shapeKeys = [
  "width",
  "height",
  "pix_fmt",
  "sample_aspect_ratio",
  "color_range",
  "color_space",
  "color_primaries",
  "color_transfer",
  "rotation",
];

function shapeOf(video) {
  const rotation = video.side_data_list?.find((data) => "rotation" in data)?.rotation ?? 0;
  const full = video.pix_fmt.startsWith("yuvj");
  return {
    ...video,
    pix_fmt: video.pix_fmt.replace("yuvj", "yuv"), // The same with its range in the name.
    color_range: video.color_range ?? (full ? "pc" : "tv"),
    sample_aspect_ratio: (video.sample_aspect_ratio ?? "1:1").replace("0:1", "1:1"),
    rotation,
  };
}

/** Sources of one shape make an output of that shape. */
function checkShape({ file, sources }) {
  const shapes = [...sources.values()].map((source) => shapeOf(source.video));
  const differs = (a, b) => shapeKeys.filter((key) => (a[key] ?? "unknown") !== (b[key] ?? "unknown"));
  if (shapes.some((shape) => differs(shape, shapes[0]).length > 0)) return [];
  const output = shapeOf(file.video);
  return differs(output, shapes[0]).map((key) => ({
    code: "SHAPE",
    message: `${key}: ${output[key]}, in the sources ${shapes[0][key]}`,
  }));
}

/** How many pictures need no re-encoding: in each run, those from its first sync sample on. */
function copyable({ runs, sources }) {
  return runs.reduce((total, { source, first, last }) => {
    const sync = sources.get(source).syncFrames.find((frame) => frame >= first);
    return sync === undefined ? total : total + Math.max(0, last - sync - reorderDepth);
  }, 0);
}

function checkCopiedShare(context) {
  const { expected, minCopied, facts } = context;
  facts.copyableFrames = copyable(context);
  const needed = minCopied === "auto" ? facts.copyableFrames : minCopied * expected.length;
  if (facts.identicalFrames >= needed) return [];
  return [
    {
      code: "COPIED_TOO_LITTLE",
      message: `${facts.identicalFrames} pictures are the source's very bits, ${Math.ceil(needed)} could be`,
    },
  ];
}

/** Frame-exact: every picture is the one that the timeline rule puts there. @returns {Finding[]} */
export function checkExact(context) {
  return [
    ...checkCount(context.file, context.expected.length),
    ...comparePictures(context),
    ...checkCopiedShare(context),
    ...checkTimes(context),
    ...checkEnd(context),
    ...checkInterval(context),
    ...checkShape(context),
  ];
}

/** A rate and a canvas of its own. @returns {Finding[]} */
export function checkResampled(context) {
  const { file, expected, canvas } = context;
  const findings = [...checkCount(file, expected.length), ...comparePictures(context), ...checkTimes(context)];
  const { width, height } = file.video;
  if (canvas.width && canvas.height && (width !== canvas.width || height !== canvas.height)) {
    findings.push({ code: "SHAPE", message: `${width}x${height}, asked for ${canvas.width}x${canvas.height}` });
  }
  return findings;
}

/**
 * The sync sample that the pictures from `at` on begin with, so that they go on in the source's order until
 * it is the next run's turn; null when they do not.
 */
function matchRun(hashes, at, run, source) {
  const { list } = source.pictures;
  for (const sync of source.syncFrames.filter((frame) => frame <= run.first).reverse()) {
    let length = 0;
    while (
      at + length < hashes.length &&
      sync + length < list.length &&
      hashes[at + length] === list[sync + length].md5
    )
      length++;
    if (sync + length >= run.last) return { sync, longest: length };
  }
  return null;
}

/**
 * Packets only: each run is whole GOPs' pictures, from the last sync sample before it to at least its end.
 * @returns {Finding[]}
 */
export function checkCopied({ file, runs: placed, sources, facts }) {
  const runs = placed.filter((run) => run.last > run.first);
  const hashes = file.pictures.list.map((picture) => picture.md5);
  const broken = (run, text) => [
    { code: "COPIED_RUN", segment: run.segment, message: `segment ${run.segment} ${text}` },
  ];
  let at = 0;
  for (const [n, run] of runs.entries()) {
    const source = sources.get(run.source);
    const match = matchRun(hashes, at, run, source);
    if (!match) return broken(run, `is not a stretch of its source from a sync sample on (output picture ${at})`);
    const early = source.syncFrames.findLast((frame) => frame <= run.first);
    if (match.sync !== early) return broken(run, `begins at source picture ${match.sync}, not at ${early}`);
    const enough = run.last - match.sync;
    const lengths = Array.from({ length: match.longest - enough + 1 }, (_, i) => enough + i);
    const next = runs[n + 1];
    const length = next
      ? lengths.find((l) => matchRun(hashes, at + l, next, sources.get(next.source)))
      : lengths.at(-1);
    if (length === undefined) return broken(next, "does not follow where the one before it ends");
    if (length > enough + reorderDepth) return broken(run, `goes on for ${length - enough} pictures after its end`);
    at += length;
  }
  facts.identicalFrames = at;
  if (at === hashes.length) return [];
  return [
    {
      code: "FRAME_COUNT",
      count: hashes.length - at,
      message: `${hashes.length - at} pictures after the last segment`,
    },
  ];
}
