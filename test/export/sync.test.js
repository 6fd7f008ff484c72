// Whether sound and picture stay together over a hundred random cuts: footage with a flash and a chirp every half second,
// each looked for in the output where the timeline has it.
import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { decodeSound, soundLag, sourceSound } from "../support/verify/sound.mjs";
import { cutFrom } from "./exporting.js";

const [seconds, fps, rate, interval] = [20, 30, 48000, 0.5];
const packet = 1024; // Samples in one of AAC.
const count = 100;

const folder = temporaryFolder();
const footage = path.join(folder, "beacon.mp4");
const onBeacon = (variable, length) => `lt(mod(${variable},${interval}),${length})`;

/** A number from 0 to 1, the same in every run. @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Of more than half a second, so that each has a beacon well inside. */
function randomSpans(seed, { onPictures }) {
  const random = randomFrom(seed);
  const place = (time) => (onPictures ? Math.round(time * fps) / fps : Math.round(time * 1e4) / 1e4);
  return Array.from({ length: count }, () => {
    const start = random() * (seconds - 1.4);
    return /** @type {[number, number]} */ ([place(start), place(start + 0.75 + 0.5 * random())]);
  });
}

/** The spans on the output's timeline, each with the first beacon that lies 0.1 s or more inside. */
function beaconsOf(spans) {
  let at = 0;
  return spans.map(([start, end]) => {
    const source = Math.ceil((start + 0.1) / interval) * interval;
    const expected = at + source - start;
    at += end - start;
    return { source, expected };
  });
}

/** The times at which flashes begin, seconds. */
async function flashesIn(file) {
  const picture = words("-map 0:v -fps_mode passthrough -enc_time_base -1");
  const small = ["-vf", "scale=1:1:flags=area,format=gray", ...words("-f rawvideo pipe:3")];
  const { pipes } = await ffmpeg(
    [...words("-copyts -i"), file, ...picture, ...words("-f framemd5 pipe:1"), ...picture, ...small],
    { extraPipes: 1 },
  );
  const text = pipes[0].toString();
  const [num, den] = /^#tb 0: (\d+)\/(\d+)/m.exec(text).slice(1).map(Number);
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const times = lines.map((line) => (Number(line.split(",")[2]) * num) / den);
  return times.filter((_, i) => pipes[1][i] > 128 && !(pipes[1][i - 1] > 128));
}

const nearest = (times, time) => times.reduce((a, b) => (Math.abs(b - time) < Math.abs(a - time) ? b : a));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How late flashes and chirps are, each in its segment: seconds. */
async function lateness(spans, audio) {
  const output = path.join(temporaryFolder(), "out.mp4");
  const report = await exportVideo(cutFrom(footage, spans).config, { output, mode: "hybrid", audio });
  assert.equal(report.audio.mode, audio);
  const [flashes, made, source] = await Promise.all([
    flashesIn(output),
    decodeSound(output, 1, rate),
    sourceSound(footage, 1, rate),
  ]);
  const beacons = beaconsOf(spans);
  return {
    picture: beacons.map(({ expected }) => nearest(flashes, expected) - expected),
    sound: beacons.map((beacon) => {
      const lag = soundLag(made, beacon.expected - 0.02, source, beacon.source - 0.02, 0.06);
      assert.ok(lag.fit > 0.9, `another sound at ${beacon.expected} s: fits by ${lag.fit}`);
      return lag.samples / rate;
    }),
  };
}

/** Later cuts are off by no more than early ones, but for what chance makes of as many. */
function assertNoTrend(late, what) {
  const halves = [late.slice(0, count / 2), late.slice(count / 2)];
  const [first, second] = halves.map(mean);
  const spread = Math.sqrt(mean(late.map((value) => (value - mean(late)) ** 2)));
  const byChance = 3 * spread * Math.sqrt(2 / halves[0].length);
  assert.ok(Math.abs(second - first) <= byChance + 1e-4, `${what}: ${first * 1000} ms, then ${second * 1000} ms`);
}

const farthest = (late) => Math.max(...late.map(Math.abs));

describe("over a hundred random cuts", () => {
  before(async () => {
    const picture = `nullsrc=size=160x90:rate=${fps}:duration=${seconds},geq=lum='if(${onBeacon("T+0.001", 1 / fps)},230,40)':cb=128:cr=128`;
    const place = `mod(t,${interval})`;
    const chirp = `if(${onBeacon("t", 0.01)},0.5*sin(2*PI*(500+150000*${place})*${place}),0)`;
    await ffmpeg([
      ...["-f", "lavfi", "-i", picture, "-f", "lavfi"],
      ...["-i", `aevalsrc='${chirp}':sample_rate=${rate}:duration=${seconds}`],
      ...words(`-c:v libx264 -pix_fmt yuv420p -preset ultrafast -g 30 -bf 2 -c:a aac -b:a 128k -ac 2`),
      footage,
    ]);
  });

  test("that lie between pictures, exact sound is in its place to the sample, pictures to half of one", async () => {
    const late = await lateness(randomSpans(1, { onPictures: false }), "exact");
    assert.ok(farthest(late.sound) <= 1.01 / rate, `sound ${farthest(late.sound) * 1000} ms`);
    assert.ok(farthest(late.picture) <= 0.5 / fps + 1e-3, `pictures ${farthest(late.picture) * 1000} ms`);
    assertNoTrend(late.sound, "sound");
    assertNoTrend(late.picture, "pictures");
  });

  test("on pictures, both are where they were", async () => {
    const late = await lateness(randomSpans(2, { onPictures: true }), "exact");
    const apart = late.sound.map((sound, i) => sound - late.picture[i]);
    assert.ok(farthest(apart) <= 0.01 / rate, `${farthest(apart) * 1000} ms`);
  });

  test("smart sound is half a packet away at most, at the end no farther than at the beginning", async () => {
    const late = await lateness(randomSpans(3, { onPictures: false }), "smart");
    assertNoTrend(late.sound, "sound");
    assert.ok(farthest(late.sound) <= (packet / 2 + 1) / rate, `sound ${farthest(late.sound) * 1000} ms`);
    if (process.env.OPENCUT_SHOW_FIGURES) console.log(`smart: up to ${farthest(late.sound) * 1000} ms, mean ${mean(late.sound) * 1000} ms`);
  });
});
