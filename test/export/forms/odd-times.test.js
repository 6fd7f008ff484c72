// Sources whose containers tell time oddly: edit lists of every kind, clocks that begin far from 0 or start over, no
// decoding times or nothing else, no index.
import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, test } from "node:test";
import { temporaryFolder } from "../../binding/support/footage.js";
import { pictureTrack, readMovie, writeMovie } from "../../fixtures/mp4-movie.mjs";
import { ffmpeg, ffprobe, words } from "../../support/ffmpeg.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();
const inFolder = (name) => path.join(folder, name);
const original = inFolder("original.mp4");

before(async () => {
  await ffmpeg([
    ...words("-f lavfi -i testsrc2=size=320x180:rate=25"),
    ...words("-f lavfi -i anoisesrc=color=pink:seed=5:amplitude=0.3:sample_rate=48000 -t 6"),
    ...words("-c:v libx264 -preset veryfast -x264-params keyint=25:bframes=2:b-adapt=0 -c:a aac"),
    original,
  ]);
});

async function remuxed(name, ...options) {
  await ffmpeg(["-i", original, ...words("-c copy"), ...options.flatMap(words), inFolder(name)]);
  return inFolder(name);
}

describe("edit lists", () => {
  // Each entry: its first picture and how many; -1: nothing is shown for as long.
  const lists = {
    "that begin within a GOP": [[7, 100]],
    "that show nothing at first": [[-1, 25], [7, 100]],
    "of two parts, the second from a keyframe on": [[0, 40], [75, 60]],
    "of two parts within GOPs": [[7, 40], [83, 60]],
    "that show what comes later first": [[50, 50], [0, 50]],
    "that show one part twice": [[25, 50], [25, 50]],
  };
  for (const [name, edits] of Object.entries(lists)) {
    test(name, async () => {
      const movie = readMovie(original);
      const track = pictureTrack(movie);
      movie.tracks = [track];
      const [{ mediaTime: begin }] = track.edits;
      track.edits = edits.map(([first, count]) => ({
        duration: (count * movie.timescale) / 25,
        mediaTime: first < 0 ? -1 : begin + (first * track.timescale) / 25,
      }));
      const file = inFolder(`${edits.flat().join("-")}.mp4`);
      writeMovie(file, movie);
      // The whole, and from within each part.
      const { report } = await exportAndCheck(cutFrom(file, [[0, 3.9]]));
      assert.ok(report.output.framesCopied > 0);
      await exportAndCheck(cutFrom(file, [[0.3, 1.5], [2.1, 3.5], [1.3, 2.6]]));
    });
  }

  test("under which the picture begins late, the sound at once", async () => {
    const late = ["-itsoffset", "1", "-i", original, "-i", original, ...words("-map 0:v -map 1:a -c copy")];
    await ffmpeg([...late, inFolder("late.mp4")]);
    await exportAndCheck(cutFrom(inFolder("late.mp4"), [[1.3, 4.1], [4.3, 5.9]]));
  });
});

describe("clocks", () => {
  const spans = /** @type {[number, number][]} */ ([[0.3, 2.2], [3.02, 5.1]]);
  const containers = {
    "MPEG-TS": ["plain.ts"],
    "MPEG-TS from 1000 s on": ["late.ts", "-output_ts_offset 1000"],
    // 2^33 ticks of 1/90000 s are 95443.7 s; muxing adds 1.4 s.
    "MPEG-TS that starts over in the middle": ["wrap.ts", "-output_ts_offset 95440"],
    "MP4 from 1000 s on": ["late.mp4", "-output_ts_offset 1000"],
    "Matroska from 1000 s on": ["late.mkv", "-output_ts_offset 1000"],
    "FLV": ["plain.flv"],
    "FLV from 1000 s on": ["late.flv", "-output_ts_offset 1000"],
    "QuickTime": ["plain.mov"],
    "Matroska, without decoding times": ["plain.mkv"],
    "fragmented MP4, all in fragments": ["empty.mp4", "-movflags frag_keyframe+empty_moov"],
    "fragmented MP4, first fragment in moov": ["frag.mp4", "-movflags frag_keyframe"],
    "fragmented MP4 with an index at its end": ["dash.mp4", "-movflags +dash+global_sidx -frag_duration 500000"],
  };
  for (const [name, [file, ...options]] of Object.entries(containers)) {
    test(name, async () => {
      const { report } = await exportAndCheck(cutFrom(await remuxed(file, ...options), spans));
      assert.ok(report.output.framesCopied >= 50, `${report.output.framesCopied} copied`);
    });
  }

  // AVI says when packets are decoded, not when their pictures are shown.
  const codecs = { "H.264": "-c:v copy", "MPEG-4": "-c:v mpeg4 -bf 2 -q:v 3" };
  for (const [name, options] of Object.entries(codecs)) {
    test(`AVI of ${name} with B pictures`, async () => {
      const file = inFolder(`${name}.avi`);
      await ffmpeg(["-i", original, ...words(options), ...words("-c:a mp3"), file]);
      const { report } = await exportAndCheck(cutFrom(file, spans));
      assert.equal(report.output.framesCopied, 0);
    });
  }

  test("AVI of H.264 without B pictures is copied", async () => {
    const params = words("-c:v libx264 -preset veryfast -x264-params keyint=25:bframes=0 -c:a mp3");
    await ffmpeg(["-i", original, ...params, inFolder("plain.avi")]);
    const { report } = await exportAndCheck(cutFrom(inFolder("plain.avi"), spans));
    assert.ok(report.output.framesCopied >= 50, `${report.output.framesCopied} copied`);
  });

  test("really start over there", async () => {
    // As they lie in the file, libav's own correction left out.
    const { packets } = await ffprobe([
      ...words("-correct_ts_overflow 0 -select_streams v -show_entries packet=pts -show_packets"),
      await remuxed("wrap.ts", "-output_ts_offset 95440"),
    ]);
    const pts = packets.map((packet) => Number(packet.pts));
    assert.ok(Math.max(...pts) > 2 ** 32 && Math.min(...pts) < 2 ** 20);
  });
});

describe("sound that is not as long as the picture", () => {
  const inputs = {
    "ends before it": ["-i", original, ...words("-t 4 -i"), original],
    "goes on behind it": [...words("-t 4 -i"), original, "-i", original],
  };
  for (const [name, files] of Object.entries(inputs)) {
    test(name, async () => {
      const file = inFolder(`${name}.mp4`);
      await ffmpeg([...files, ...words("-map 0:v -map 1:a -c copy"), file]);
      const { format } = await ffprobe(["-show_format", file]);
      assert.ok(Number(format.duration) > 5.9);
      await exportAndCheck(cutFrom(file, [[3.3, 3.9], [0.3, 1.2], ...(name === "ends before it" ? [[3.1, 5.3]] : [])]));
    });
  }
});

test("a file of a single picture shows it where more than half of it is asked for", async () => {
  // A slow one: half of it is more than half of any usual picture.
  const slow = ["-i", original, ...words("-c:v libx264 -vf setpts=3*PTS,fps=25/3 -frames:v 1 -c:a copy -t 0.12")];
  await ffmpeg([...slow, inFolder("single.mp4")]);
  const { report } = await exportAndCheck(cutFrom(inFolder("single.mp4"), [[0.065, 0.12], [0, 0.12], [0.07, 0.12]]));
  assert.equal(report.output.framesCopied + report.output.framesEncoded, 2);
  assert.ok(report.warnings.some(({ code, segment }) => code === "SEGMENT_DROPPED" && segment === 0));
});

test("MOV with sound that is not coded, of 50 pictures a second, lasts as long as its last picture", async () => {
  const file = inFolder("pcm.mov");
  const streams = "-f lavfi -i testsrc2=size=320x180:rate=50:duration=2 -f lavfi -i sine=duration=2:sample_rate=48000";
  await ffmpeg([...words(streams), ...words("-c:v libx264 -bf 3 -g 25 -c:a pcm_s16le"), file]);
  const { report } = await exportAndCheck(cutFrom(file, [[0, 2]]));
  assert.deepEqual([report.output.duration, report.output.framesCopied], [2, 100]);
});

test("pictures that are held for half a second are cut within at the very time that was asked for", async () => {
  const file = inFolder("held.mp4");
  const held = ["-vf", "select='gte(mod(n,25),12)'", ...words("-fps_mode passthrough -c:v libx264 -bf 2 -g 30 -c:a copy")];
  await ffmpeg(["-i", original, ...held, file]);
  // Each second begins with what the one before ended with.
  const { report } = await exportAndCheck(cutFrom(file, [[1.2, 3.3], [2.1, 2.3], [3.2, 5.1]]));
  assert.ok(report.output.framesCopied > 0);
  assert.deepEqual(report.runs.map(({ actual }) => [actual.start, actual.end]), [[1.2, 3.3], [2.1, 2.3], [3.2, 5.1]]);
});
