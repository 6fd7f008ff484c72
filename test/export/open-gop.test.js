// H.264 in open GOPs: a copy begins with an I picture that is made IDR, and only the pictures that lead it are encoded.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { planExport } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { pictureTrack, readMovie, writeMovie } from "../fixtures/mp4-movie.mjs";
import { attempt, ffmpeg, ffprobe, words } from "../support/ffmpeg.mjs";
import { inspect, readSamples } from "../support/verify/container.mjs";
import { cutFrom, exportAndCheck } from "./exporting.js";

const fps = 25;

/** One file of x264's; its audio is a hum. */
async function x264File(params, { seconds = 4, container = "mp4", filter = "null" } = {}) {
  const file = path.join(temporaryFolder(), `open.${container}`);
  const picture = `testsrc2=size=320x180:rate=${fps},${filter}`;
  await ffmpeg([
    ...words("-y -f lavfi -i"),
    picture,
    ...words("-f lavfi -i anoisesrc=color=pink:seed=5:amplitude=0.3:sample_rate=48000"),
    ...words(`-t ${seconds} -c:v libx264 -preset veryfast -x264-params ${params} -c:a aac -b:a 96k`),
    file,
  ]);
  return file;
}

/** Packets in decoding order, with the rank of each in the order of display. */
async function rankedPackets(file) {
  const inspected = await inspect(file);
  const packets = inspected.packetsOf(inspected.video);
  const order = packets.map(({ pts }) => pts).sort((a, b) => a - b);
  return packets.map((packet) => ({ ...packet, rank: order.indexOf(packet.pts) }));
}

/** The I picture that begins the third GOP, and how many lead it. */
async function thirdGop(file) {
  const packets = await rankedPackets(file);
  const place = packets.flatMap((packet, i) => (packet.key ? [i] : []))[2];
  const { rank } = packets[place];
  const leading = packets.slice(place).filter((packet) => packet.rank < rank).length;
  return { rank, leading };
}

/** Of each picture, as ffmpeg reads it; null where it is not IDR. */
async function idrPicIds(file) {
  const { log } = await attempt("ffmpeg", [...words("-v trace -i"), file, ...words("-map 0:v -c copy -bsf:v trace_headers -f null -")]);
  const slices = [...log.matchAll(/first_mb_in_slice +1 = 0$|idr_pic_id +\d+ = (\d+)$/gm)].map(([, id]) => id);
  return slices.flatMap((id, i) => (id === undefined ? [slices[i + 1] ?? null] : []));
}

describe("open GOPs are copied", () => {
  const kinds = {
    "three cameras": {},
    "cameras with clocks, phases and encoders of their own": {
      phase: true,
      offset: true,
      profiles: ["high", "baseline", "cavlc"],
      rates: ["48000", "44100"],
    },
    Matroska: { container: "mkv", phase: true },
  };
  for (const [name, options] of Object.entries(kinds)) {
    test(name, async () => {
      const { report } = await exportAndCheck(await makeMulticam({ ...options, openGop: true }), {}, { minCopied: "auto" });
      assert.ok(report.output.framesCopied > report.output.framesEncoded);
    });
  }

  for (const params of [
    "open-gop=1:keyint=32:min-keyint=32:b-adapt=0:bframes=3:b-pyramid=normal",
    "open-gop=1:keyint=31:min-keyint=31:b-adapt=0:bframes=3:b-pyramid=strict:cabac=0:slices=4",
    "open-gop=1:keyint=24:bframes=5:ref=16:weightp=2:direct=temporal:b-adapt=0",
  ]) {
    test(`from around an I picture, leading ones included: ${params}`, async () => {
      const file = await x264File(params);
      const { rank, leading } = await thirdGop(file);
      for (let first = rank - leading - 1; first <= rank + 1; ++first) {
        const cut = cutFrom(file, [[first / fps, 95 / fps]]);
        const { report } = await exportAndCheck(cut, {}, { minCopied: "auto" });
        // From the cut to the I picture; what is left at the end waits for a later one.
        if (first <= rank) assert.ok(report.output.framesEncoded <= rank - first + 5, `from ${first - rank}`);
      }
    });
  }

  test("one picture alone, and copies next to each other", async () => {
    const file = await x264File("open-gop=1:keyint=20:min-keyint=20:b-adapt=0:bframes=3");
    const { rank } = await thirdGop(file);
    const alone = [rank / fps, (rank + 1) / fps];
    const { output } = await exportAndCheck(cutFrom(file, [alone, alone, [rank / fps, 3], alone]));
    const ids = await idrPicIds(output);
    assert.ok(ids[0] !== null && ids[1] !== null);
    assert.ok(ids.every((id, i) => id === null || id !== ids[i - 1]), ids.join());
  });
});

describe("a long copy of open GOPs", () => {
  test("begins anew at least every ten seconds, and nowhere else can a player seek to", async () => {
    const file = await x264File("open-gop=1:keyint=50:min-keyint=50:bframes=3:b-adapt=0", { seconds: 45 });
    const { report, output } = await exportAndCheck(cutFrom(file, [[1, 44]]));
    const inspected = await inspect(output);
    const packets = inspected.packetsOf(inspected.video);
    const [, ticksPerSecond] = inspected.video.time_base.split("/").map(Number);
    // As the container has it; libav flags other I pictures, too.
    const { samples } = readSamples(output, packets, "h264");
    const keys = packets.filter((_, i) => samples[i].sync).map(({ pts }) => pts / ticksPerSecond);
    const gaps = keys.slice(1).map((time, i) => time - keys[i]);
    assert.ok(Math.max(...gaps, 43 - keys.at(-1)) <= 12, keys.join());
    assert.ok(report.output.framesEncoded < 50 + 3 * keys.length);
    // The head and the picture behind it; at each renewal the pictures that lead and the one they lead; the tail.
    assert.ok(keys.length <= 3 + 2 * 4, keys.join());
  });
});

describe("where an open GOP cannot be entered", () => {
  // Scenes that come back: pictures behind a scene's first do refer to the scene before. Marked as sync samples, those
  // would be entered by a tool that believes the container.
  const scenes = "negate=enable='gte(mod(n,16),8)'";
  const params = "keyint=250:min-keyint=125:scenecut=80:ref=16:bframes=0";

  test("since its pictures are others then, they are encoded, and the plan says so", async () => {
    const file = await x264File(params, { filter: scenes });
    const { frames } = await ffprobe([...words("-select_streams v -show_entries frame=pict_type"), file]);
    const movie = readMovie(file);
    pictureTrack(movie).samples.forEach((sample, i) => (sample.sync = frames[i].pict_type === "I"));
    assert.ok(pictureTrack(movie).samples.filter(({ sync }) => sync).length > 4);
    const marked = path.join(temporaryFolder(), "marked.mp4");
    writeMovie(marked, movie);
    for (const source of [file, marked]) {
      const { report } = await exportAndCheck(cutFrom(source, [[0.2, 3.5]]));
      assert.equal(report.output.framesCopied, 0);
      const [{ reason }] = report.runs[0].steps;
      assert.equal(/pictures behind it refer to pictures before it/.test(reason), source === marked, reason);
    }
  });

  test("as its recovery points say, which are broken links, its pictures are encoded", async () => {
    const movie = readMovie(await x264File("open-gop=1:keyint=20:min-keyint=20:b-adapt=0:bframes=3"));
    // An SEI message of type 6: recovery_frame_cnt 0, exact_match_flag, broken_link_flag (H.264, D.1.8).
    const [exact, broken] = ["\x06\x06\x01\xc4", "\x06\x06\x01\xe4"];
    let changed = 0;
    for (const sample of pictureTrack(movie).samples) {
      const at = sample.bytes.indexOf(exact, "latin1");
      if (at < 0) continue;
      sample.bytes = Buffer.from(sample.bytes);
      sample.bytes.write(broken, at, "latin1");
      changed++;
    }
    assert.ok(changed >= 3);
    const file = path.join(temporaryFolder(), "broken.mp4");
    writeMovie(file, movie);
    const { report } = await exportAndCheck(cutFrom(file, [[0.2, 3.5]]));
    assert.equal(report.output.framesCopied, 0);
  });

  test("for want of I pictures, the plan says why", async () => {
    const file = await x264File("open-gop=1:keyint=30:intra-refresh=1:bframes=0");
    const { base, config } = cutFrom(file, [[0.2, 3.5]]);
    const plan = await planExport(config, { mediaBasePath: base });
    const reasons = plan.runs.flatMap(({ steps }) => steps.map(({ reason }) => reason));
    assert.match(reasons[0], /no IDR picture lies between the cuts/);
  });
});
