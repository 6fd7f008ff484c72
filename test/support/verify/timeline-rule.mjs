// Which source picture belongs where on the output, by the timeline rule (ARCHITECTURE.md, "The timeline
// rule"). Exact: every time is a whole number of grains, the largest unit in which all times at hand are
// whole.

const greatestCommonDivisor = (a, b) => (b === 0n ? a : greatestCommonDivisor(b, a % b));
const leastCommonMultiple = (a, b) => (a / greatestCommonDivisor(a, b)) * b;
const distance = (a, b) => (a > b ? a - b : b - a);

/** Times in a config are decimal numbers of seconds; beyond the nanosecond they carry nothing. */
const nanosecondsPerSecond = 1_000_000_000n;

/**
 * @typedef {readonly [num: bigint, den: bigint]} Ratio
 * @typedef {object} Clock When the pictures of one source are on screen, in grains of its time.
 * @property {bigint[]} starts Ascending.
 * @property {bigint} end Where the last one stops.
 * @typedef {object} Run Neighbouring segments that continue in one source.
 * @property {number} segment Its first one's index.
 * @property {number} source
 * @property {bigint} start Asked for, in the source.
 * @property {bigint} end Asked for, drawn in to the source's end.
 * @property {boolean} heard
 * @property {bigint} at T: its asked-for place on the output.
 * @property {bigint} picture P: where its pictures begin on the output.
 * @property {bigint} inPoint Source time shown at P.
 * @property {bigint} outPoint Source time at which its last picture stops being shown.
 * @property {number} first Its first picture's index in the source.
 * @property {number} last One past its last picture's.
 */

/** How many grains make a second. @param {Ratio[]} units Time bases and the like, in seconds. */
export function grainsPerSecond(units) {
  return units.reduce((grains, [, den]) => leastCommonMultiple(grains, den), nanosecondsPerSecond);
}

/** @param {number} seconds @param {bigint} grains Per second. */
export function inGrains(seconds, grains) {
  return BigInt(Math.round(seconds * 1e9)) * (grains / nanosecondsPerSecond);
}

/**
 * The exact rate that a number of frames per second stands for: 29.97 is 30000/1001.
 * @param {number} fps
 * @returns {Ratio}
 */
export function exactRate(fps) {
  const ntsc = Math.round(fps * 1.001);
  if (Math.abs(fps - Math.round(fps)) < 1e-6) return [BigInt(Math.round(fps)), 1n];
  if (Math.abs(fps - ntsc / 1.001) < 0.002) return [BigInt(ntsc) * 1000n, 1001n];
  return [BigInt(Math.round(fps * 1000)), 1000n];
}

/** The index of the first of `sorted` that is at least `value`. */
function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const boundary = (clock, i) => (i < clock.starts.length ? clock.starts[i] : clock.end);

/** The index of the frame boundary nearest to `time`; of two as near, the later. */
function nearest(clock, time) {
  const after = lowerBound(clock.starts, time);
  if (after === 0) return 0;
  return time - boundary(clock, after - 1) < distance(boundary(clock, after), time) ? after - 1 : after;
}

/** The index of the picture on screen at `time`. @param {Clock} clock @param {bigint} time */
export const onScreen = (clock, time) => Math.max(0, lowerBound(clock.starts, time + 1n) - 1);

/** The average time between pictures, times their number less one: a whole number where the interval is not. */
function span(clock) {
  const { starts, end } = clock;
  return starts.length > 1
    ? { sum: starts.at(-1) - starts[0], count: BigInt(starts.length - 1) }
    : { sum: end - starts[0], count: 1n };
}

/** Whether `gap` is at most half the average frame interval, and 1 ms for containers that count in milliseconds. */
function withinReach(gap, clock, grains) {
  const { sum, count } = span(clock);
  return (gap - grains / 1000n) * 2n * count <= sum;
}

/**
 * Joins segments that continue in one source within 1 ms.
 * @returns {Pick<Run, "segment" | "source" | "start" | "end" | "heard">[]}
 */
function joinRuns(segments, grains) {
  const runs = [];
  for (const [segment, { sourceIndex, startTime, endTime, audioFromSource }] of segments.entries()) {
    const start = inGrains(startTime, grains);
    const end = inGrains(endTime, grains);
    const heard = audioFromSource !== false;
    const before = runs.at(-1);
    const continues =
      before &&
      before.source === sourceIndex &&
      before.heard === heard &&
      distance(before.end, start) <= grains / 1000n;
    if (continues) before.end = end;
    else runs.push({ segment, source: sourceIndex, start, end, heard });
  }
  return runs;
}

function placePictures(run, clock, grains) {
  const wantedIn = run.start + (run.picture - run.at);
  let first = nearest(clock, wantedIn);
  let inPoint = boundary(clock, first);
  const beginsWhole = first < clock.starts.length && withinReach(distance(inPoint, wantedIn), clock, grains);
  if (!beginsWhole) {
    first = onScreen(clock, wantedIn); // A held picture, cut where it was asked for.
    inPoint = wantedIn;
  }
  const wantedOut = inPoint + (run.end - run.start) - (run.picture - run.at);
  let last = nearest(clock, wantedOut);
  let outPoint = boundary(clock, last);
  const endsWhole = withinReach(distance(outPoint, wantedOut), clock, grains);
  if (!endsWhole && wantedOut > clock.starts[first]) {
    last = lowerBound(clock.starts, wantedOut);
    outPoint = wantedOut;
  }
  const isWhole = beginsWhole && endsWhole;
  if (last <= first || (!isWhole && withinReach(outPoint - inPoint, clock, grains))) {
    const { sum, count } = span(clock);
    const length = run.end - run.start;
    // Shorter than a frame: no picture falls to it, its sound alone is there.
    if (length * count < sum) return { inPoint, outPoint: inPoint, first, last: first };
    last = first + 1;
    outPoint = boundary(clock, last);
    if (!isWhole) {
      // As much of the picture as the run lasts.
      const latest = outPoint - length > clock.starts[first] ? outPoint - length : clock.starts[first];
      if (latest < inPoint) inPoint = latest;
      if (inPoint + length < outPoint) outPoint = inPoint + length;
    }
  }
  return { inPoint, outPoint, first, last };
}

/**
 * @param {object[]} segments Of the config.
 * @param {Map<number, Clock>} clocks By source.
 * @param {bigint} grains Per second.
 * @returns {{ runs: Run[], pictureEnd: bigint, timelineEnd: bigint }}
 */
export function placeRuns(segments, clocks, grains) {
  const placed = [];
  let pictureEnd = 0n;
  let timelineEnd = 0n;
  for (const joined of joinRuns(segments, grains)) {
    const clock = clocks.get(joined.source);
    if (joined.start >= clock.end || joined.end <= joined.start)
      throw new RangeError(`segment ${joined.segment} lies outside its source`);
    const run = {
      ...joined,
      end: joined.end < clock.end ? joined.end : clock.end,
      at: timelineEnd,
      picture: pictureEnd,
    };
    placed.push(Object.assign(run, placePictures(run, clock, grains)));
    pictureEnd += run.outPoint - run.inPoint;
    timelineEnd += run.end - run.start;
  }
  return { runs: placed, pictureEnd, timelineEnd };
}

/**
 * The pictures of a frame-exact export.
 * @param {Run[]} runs
 * @param {Map<number, Clock>} clocks
 * @returns {{ run: Run, frame: number, time: bigint }[]} `frame` is the index in the run's source, `time` the
 *   place on the output.
 */
export function exactPictures(runs, clocks) {
  return runs.flatMap((run) => {
    const { starts } = clocks.get(run.source);
    return Array.from({ length: run.last - run.first }, (_, i) => {
      const frame = run.first + i;
      return { run, frame, time: run.picture + (i === 0 ? 0n : starts[frame] - run.inPoint) };
    });
  });
}

/**
 * The pictures of an export at a rate of its own: what is on screen at the middle of each one's time.
 * @param {Run[]} runs
 * @param {Map<number, Clock>} clocks
 * @param {{ rate: Ratio, timelineEnd: bigint, grains: bigint }} options
 * @returns {{ run: Run, frame: number, time: bigint }[]}
 */
export function resampledPictures(runs, clocks, { rate: [num, den], timelineEnd, grains }) {
  const count = (2n * timelineEnd * num + grains * den) / (2n * grains * den); // Rounded to the nearest.
  return Array.from({ length: Number(count) }, (_, k) => {
    const middle = ((2n * BigInt(k) + 1n) * grains * den) / (2n * num);
    const run = runs.findLast((r) => r.at <= middle);
    const wanted = run.start + (middle - run.at);
    return {
      run,
      frame: onScreen(clocks.get(run.source), wanted < run.end ? wanted : run.end),
      time: (BigInt(k) * grains * den) / num,
    };
  });
}
