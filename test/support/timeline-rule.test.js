import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomNumbers } from "../fixtures/multicam-edit.mjs";
import {
  exactPictures,
  exactRate,
  grainsPerSecond,
  inGrains,
  placeRuns,
  resampledPictures,
} from "./verify/timeline-rule.mjs";

const grains = grainsPerSecond([
  [1n, 90000n],
  [1n, 180n],
]);
const at = (seconds) => inGrains(seconds, grains);
const segment = (sourceIndex, startTime, endTime, audioFromSource = true) => ({
  sourceIndex,
  startTime,
  endTime,
  audioFromSource,
});

/** Pictures at a constant rate from `first` seconds on. */
function steady(fps, count, first = 0) {
  const starts = Array.from({ length: count }, (_, i) => at(first) + (BigInt(i) * grains) / BigInt(fps));
  return { starts, end: starts.at(-1) + grains / BigInt(fps) };
}

const ranges = (clocks, segments) =>
  placeRuns(segments, new Map(clocks.entries()), grains).runs.map(({ first, last }) => [first, last]);

describe("the timeline rule", () => {
  it("takes the later of two boundaries that are as near", () => {
    // At 25 frames per second 1.02 s lies in the middle of picture 25, which is no number in binary.
    assert.deepEqual(ranges([steady(25, 100)], [segment(0, 1.02, 2.02)]), [[26, 51]]);
  });

  it("joins what continues in one source within 1 ms, and nothing else", () => {
    const cameras = [steady(30, 300), steady(30, 300)];
    assert.deepEqual(ranges(cameras, [segment(0, 1, 2), segment(0, 2.001, 3)]), [[30, 90]]);
    assert.deepEqual(ranges(cameras, [segment(0, 1, 2), segment(0, 2.002, 3)]), [
      [30, 60],
      [60, 90],
    ]);
    assert.deepEqual(ranges(cameras, [segment(0, 1, 2), segment(0, 2, 3, false)]), [
      [30, 60],
      [60, 90],
    ]);
    assert.deepEqual(ranges(cameras, [segment(0, 1, 2), segment(1, 2, 3)]), [
      [30, 60],
      [60, 90],
    ]);
  });

  it("keeps one constant interval between cameras whose pictures begin at different fractions of a frame", () => {
    const cameras = new Map([steady(30, 400), steady(30, 400, 0.011), steady(30, 400, 0.022)].entries());
    const segments = [segment(0, 0.5, 1.51), segment(1, 1.51, 2.73), segment(2, 2.73, 4.417), segment(0, 4.417, 6.003)];
    const pictures = exactPictures(placeRuns(segments, cameras, grains).runs, cameras);
    assert.deepEqual(new Set(pictures.slice(1).map((p, i) => p.time - pictures[i].time)), new Set([grains / 30n]));
  });

  it("never strays more than half a frame from the asked-for place, over 500 cuts", () => {
    const random = randomNumbers(7);
    const cameras = new Map([steady(30, 900), steady(25, 900, 0.013), steady(60, 900, 0.007)].entries());
    const segments = Array.from({ length: 500 }, (_, i) => {
      const start = Math.round(random() * 10_000) / 1000;
      return segment(i % 3, start, start + 0.1 + Math.round(random() * 1000) / 1000);
    });
    const { runs } = placeRuns(segments, cameras, grains);
    for (const run of runs) {
      const off = run.picture - run.at;
      assert.ok((off < 0n ? -off : off) <= grains / 50n, `segment ${run.segment} is ${off} grains off`);
    }
  });

  it("cuts a held picture where it was asked for", () => {
    const starts = [...steady(30, 31).starts, ...steady(30, 60, 3).starts]; // Picture 30 is held from 1 s to 3 s.
    const clock = { starts, end: at(5) };
    const [run] = placeRuns([segment(0, 1.25, 2.5)], new Map([[0, clock]]), grains).runs;
    assert.deepEqual([run.first, run.last, run.inPoint, run.outPoint], [30, 31, at(1.25), at(2.5)]);
  });

  it("gives no picture to a run so short that none falls to it, but the time that its sound takes", () => {
    const cameras = [steady(30, 300), steady(30, 300)];
    const edit = [segment(0, 1, 2), segment(1, 5.001, 5.011), segment(0, 3, 4)];
    assert.deepEqual(ranges(cameras, edit), [
      [30, 60],
      [150, 150],
      [90, 120],
    ]);
    assert.equal(placeRuns(edit, new Map(cameras.entries()), grains).timelineEnd, inGrains(2.01, grains));
  });

  it("gives none to a run that begins nearer to the source's end than to its last picture, unless it lasts a frame", () => {
    // Pictures at 0, 0.4 and 0.8 s, the last until 1.2 s.
    const clock = { starts: [at(0), at(0.4), at(0.8)], end: at(1.2) };
    const edit = [segment(0, 1.05, 1.2), segment(0, 0, 0.4)];
    assert.deepEqual(ranges([clock], edit), [
      [2, 2],
      [0, 1],
    ]);
    // At the middle, where the end counts as nearer, of what has to be shown for a whole frame.
    const late = [segment(0, 0, 0.6), segment(0, 0.8, 1.2)];
    assert.deepEqual(ranges([clock], late).at(-1), [2, 3]);
  });

  it("draws an end beyond the source in, and refuses a start there", () => {
    assert.deepEqual(ranges([steady(30, 300)], [segment(0, 9, 12)]), [[270, 300]]);
    assert.throws(() => ranges([steady(30, 300)], [segment(0, 10, 12)]), RangeError);
  });

  it("shows at a rate of its own what was on screen at the middle of each picture's time", () => {
    const cameras = new Map([steady(30, 300)].entries());
    const placed = placeRuns([segment(0, 1, 1.5), segment(0, 4, 4.54)], cameras, grains);
    const pictures = resampledPictures(placed.runs, cameras, {
      rate: [10n, 1n],
      timelineEnd: placed.timelineEnd,
      grains,
    });
    assert.deepEqual(
      pictures.map((p) => p.frame),
      [31, 34, 37, 40, 43, 121, 124, 127, 130, 133],
    );
  });

  it("knows the broadcast rates by their decimal names", () => {
    assert.deepEqual([29.97, 23.976, 59.94, 25, 30000 / 1001].map(exactRate), [
      [30000n, 1001n],
      [24000n, 1001n],
      [60000n, 1001n],
      [25n, 1n],
      [30000n, 1001n],
    ]);
  });
});
