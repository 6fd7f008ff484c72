// Pictures of two fields each: copied in whole GOPs, and encoded as what they are, in the order of their fields.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { planExport } from "@opencut/libav";
import { temporaryFolder } from "../../binding/support/footage.js";
import { writeFieldPairs } from "../../fixtures/field-pairs.mjs";
import { attempt, ffmpeg, ffprobe, words } from "../../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../../support/media.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const fps = 25;

async function encoded(name, rate, options, seconds) {
  const file = path.join(temporaryFolder(), name);
  await ffmpeg(words(`-f lavfi -i testsrc2=size=320x192:rate=${rate} -t ${seconds} ${options}`).concat(file));
  return file;
}

/** A file whose pictures are woven from fields, half as long apart. @param {"tff" | "bff"} order */
function interlaced(name, order, options, seconds = 4) {
  const weave = `-vf tinterlace=interleave_${order === "tff" ? "top" : "bottom"}`;
  return encoded(name, 2 * fps, `${weave} -flags +ilme+ildct ${options(order)}`, seconds);
}

const progressive = (name, options, seconds = 4) => encoded(name, fps, options, seconds);

const x264 = (order) => `-c:v libx264 -preset veryfast -x264-params ${order}=1:keyint=25:bframes=2`;
const mpeg2 = () => "-c:v mpeg2video -q:v 2";

/** By picture, in the order of display: which field comes first, if it is two. */
async function fieldsOf(file) {
  const { frames } = await ffprobe([...words("-select_streams v:0 -show_entries frame=interlaced_frame,top_field_first"), file]);
  return frames.map((frame) => (frame.interlaced_frame === 0 ? "frame" : frame.top_field_first === 1 ? "tff" : "bff"));
}

const fieldOrderOf = async (file) =>
  (await ffprobe([...words("-select_streams v:0 -show_entries stream=field_order"), file])).streams[0].field_order;

async function assertDecodesInSilence(file) {
  const { log } = await attempt("ffmpeg", [...words("-v error -err_detect explode -i"), file, ..."-f null -".split(" ")]);
  // The null muxer speaks of nothing but what is wrong.
  assert.equal(log, "");
}

/** Exports whole pictures of a file, by number, and compares their fields with the source's. */
async function exportPictures(file, [first, end], options = {}, check = { minCopied: "auto" }) {
  const source = await fieldsOf(file);
  const made = await exportAndCheck(cutFrom(file, [[first / fps, end / fps]]), options, check);
  assert.deepEqual(await fieldsOf(made.output), source.slice(first, end));
  await assertDecodesInSilence(made.output);
  return made;
}

const warningsOf = (report) => report.warnings.map(({ code }) => code).filter((code) => code !== "AUDIO_MISSING");
const reasonsOf = ({ runs }) => runs.flatMap(({ steps }) => steps.map(({ reason }) => reason)).filter(Boolean);

describe("frames of two fields each, coded as such", () => {
  const kinds = { tff: "tt", bff: "bb" };
  for (const [order, name] of Object.entries(kinds)) {
    test(`${order}, in MBAFF`, async () => {
      const file = await interlaced("a.mp4", order, x264);
      for (const cut of [[25, 75], [26, 75], [37, 74], [49, 51], [3, 24]]) {
        const { report, output } = await exportPictures(file, cut);
        assert.deepEqual(warningsOf(report), []);
        assert.equal(await fieldOrderOf(output), name);
      }
    });

    test(`${order}, in field pairs`, async () => {
      const file = path.join(temporaryFolder(), "pairs.mkv");
      writeFieldPairs(file, { order });
      for (const cut of [[12, 36], [13, 57], [15, 34], [37, 47]]) {
        const { report } = await exportPictures(file, cut);
        assert.deepEqual(warningsOf(report), []);
      }
    });
  }

  test("some in field pairs and some not", async () => {
    const file = path.join(temporaryFolder(), "some.mkv");
    writeFieldPairs(file, { isPair: (frame) => frame % 12 < 5 || frame % 5 === 0 });
    for (const cut of [[13, 57], [18, 30], [12, 72]]) {
      const { report } = await exportPictures(file, cut);
      assert.ok(report.output.framesCopied > 0);
    }
  });

  test("that might be fields, but are not", async () => {
    const file = await progressive("a.mp4", "-c:v libx264 -preset veryfast -x264-params fake-interlaced=1:keyint=25");
    const { report, output } = await exportPictures(file, [13, 80]);
    assert.ok(report.output.framesCopied > 0);
    assert.equal(await fieldOrderOf(output), "progressive");
  });

  test("mode copy", async () => {
    const file = path.join(temporaryFolder(), "pairs.mkv");
    writeFieldPairs(file);
    const { report, output } = await exportAndCheck(cutFrom(file, [[14 / fps, 30 / fps]]), { mode: "copy" });
    assert.equal(report.output.framesEncoded, 0);
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["tff"]));
  });
});

/** Decoding times of fields that each have a packet of their own, which ffmpeg's muxers cannot guess. */
const decodedEarly = (fields) => ["-bsf:v", `setts=pts=PTS:dts=(N-${fields})*DURATION`];

describe("field pairs in other containers", () => {
  const apart = decodedEarly(4);
  const containers = {
    MP4: ["a.mp4", false, []],
    "MPEG-TS, which libav splits into fields": ["a.ts", false, []],
    "MP4, each field a sample": ["a.mp4", true, ["-video_track_timescale", "16000", ...apart]],
    "MPEG-TS, each field a packet": ["a.ts", true, apart],
    "Matroska, each field a block": ["a.mkv", true, apart],
  };
  for (const [name, [file, loneFields, options]] of Object.entries(containers)) {
    test(name, async () => {
      const folder = temporaryFolder();
      const pairs = path.join(folder, "pairs.mkv");
      const output = path.join(folder, file);
      writeFieldPairs(pairs, { loneFields });
      await ffmpeg(["-i", pairs, "-c", "copy", ...options, output]);
      const { report, output: made } = await exportPictures(output, [15, 58]);
      assert.ok(report.output.framesCopied >= 30, `${report.output.framesCopied} copied`);
      const { streams } = await ffprobe([...words("-show_entries stream=avg_frame_rate"), made]);
      assert.equal(streams[0].avg_frame_rate, "25/1");
    });
  }
});

test("a field without its other before the first sync sample does no harm", async () => {
  const folder = temporaryFolder();
  const fields = path.join(folder, "pairs.mkv");
  const file = path.join(folder, "a.ts");
  writeFieldPairs(fields, { loneFields: true, missing: 1 });
  await ffmpeg(["-i", fields, ...words("-c copy -copyinkf"), ...decodedEarly(3), file]);
  const { report } = await exportAndCheck(cutFrom(file, [[0.6, 2.3]]));
  assert.ok(report.output.framesCopied > 0);
});

describe("the plan says why fields are not copied", () => {
  async function reasonsFor(options, container = "mkv") {
    const pairs = path.join(temporaryFolder(), "pairs.mkv");
    writeFieldPairs(pairs, options);
    const file = path.join(path.dirname(pairs), `a.${container}`);
    await ffmpeg(["-i", pairs, "-c", "copy", file]);
    const { base, config } = cutFrom(file, [[15 / fps, 58 / fps]]);
    const { report } = await exportAndCheck({ base, config });
    assert.equal(report.output.framesCopied, 0);
    return reasonsOf(await planExport(config, { mediaBasePath: base }));
  }

  for (const container of ["mkv", "mp4"]) {
    test(`where a sample holds one field only: ${container}`, async () => {
      const [reason] = await reasonsFor({ halfFrame: 20 }, container);
      assert.match(reason, /a sample of it holds a field without the other of its frame/);
    });
  }

  test("where an open GOP would have to be entered", async () => {
    assert.match((await reasonsFor({ openGop: true }))[0], /open groups .* cannot be entered: its pictures are coded as fields/);
  });
});

describe("interlaced pictures that cannot be copied", () => {
  for (const order of ["tff", "bff"]) {
    test(`MPEG-2, ${order}, is encoded in its fields`, async () => {
      const file = await interlaced("a.ts", order, mpeg2);
      for (const mode of ["hybrid", "reencode"]) {
        const { report, output } = await exportPictures(file, [13, 50], { mode }, {});
        assert.equal(report.output.framesCopied, 0);
        assert.ok(!warningsOf(report).includes("DEINTERLACED"));
        assert.equal(await fieldOrderOf(output), order === "tff" ? "tt" : "bb");
      }
    });
  }

  test("chroma of one field stays with it where there is less of it in the output", async () => {
    const copied = await interlaced("a.mp4", "tff", x264);
    const file = await interlaced("b.ts", "tff", () => "-c:v mpeg2video -q:v 2 -pix_fmt yuv422p");
    const { base, config } = cutFrom(copied, [[0, 3]]);
    config.sources.push({ ...config.sources[0], id: "two", filePath: file });
    config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: 0, endTime: 2 });
    // Its chroma is compared here, with what ffmpeg makes of the fields, not of the frame.
    const { output } = await exportAndCheck({ base, config }, {}, { minPsnr: 0 });
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["tff"]));
    const made = "[0:v:0]trim=start_frame=75,settb=1/25,setpts=N[a]";
    const wanted = "[1:v:0]trim=end_frame=50,settb=1/25,setpts=N,scale=interl=1,format=yuv420p[b]";
    const graph = `${made};${wanted};[a][b]psnr=stats_file=-[p]`;
    const { pipes } = await ffmpeg(["-i", output, "-i", file, "-filter_complex", graph, ...words("-map [p] -f null -")]);
    const likeness = [...pipes[0].toString().matchAll(/psnr_[uv]:([\d.]+)/g)].map(([, value]) => Number(value));
    assert.equal(likeness.length, 100);
    assert.ok(Math.min(...likeness) >= 35, `${Math.min(...likeness)} dB`);
  });

  test("mode reencode in the source's own size and rate keeps the fields", async () => {
    const file = await interlaced("a.mp4", "bff", x264);
    const { report } = await exportPictures(file, [13, 50], { mode: "reencode" }, {});
    assert.deepEqual(warningsOf(report), []);
  });

  test("also where an edit list hides the first picture", async () => {
    const whole = await interlaced("a.mp4", "tff", x264);
    const file = path.join(path.dirname(whole), "b.mp4");
    await ffmpeg(["-ss", "0.5", "-i", whole, "-c", "copy", file]);
    const { report, output } = await exportAndCheck(cutFrom(file, [[0.2, 2]]), { mode: "reencode" });
    assert.deepEqual(warningsOf(report), []);
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["tff"]));
  });

  test("fields that are pictures of their own stay that", async () => {
    const file = await progressive("a.mp4", "-c:v libx265 -preset veryfast -x265-params interlace=tff:log-level=error");
    const { report, output } = await exportAndCheck(cutFrom(file, [[13 / fps, 50 / fps]]));
    assert.match(reasonsOf(report)[0], /its pictures are single fields/);
    assert.deepEqual(warningsOf(report), ["SOURCE_REENCODED"]);
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["frame"]));
  });
});

describe("where the output cannot hold fields, they are made frames", () => {
  // The first and the last picture of a stretch lack a neighbour that ffmpeg's filter looks at.
  async function assertDeinterlaced(output, file, [first, end], scale) {
    const wanted = `[1:v:0]bwdif=mode=send_frame,settb=1/25,trim=start_frame=${first + 1}:end_frame=${end - 1},setpts=N,${scale}[b]`;
    const made = `[0:v:0]settb=1/25,trim=start_frame=1:end_frame=${end - first - 1},setpts=N,format=yuv420p[a]`;
    const graph = `${made};${wanted};[a][b]psnr=stats_file=-[p]`;
    const { pipes } = await ffmpeg(["-i", output, "-i", file, "-filter_complex", graph, ...words("-map [p] -f null -")]);
    const likeness = [...pipes[0].toString().matchAll(/psnr_y:([\d.]+|inf)/g)].map(([, value]) => Number(value));
    assert.equal(likeness.length, end - first - 2);
    assert.ok(Math.min(...likeness) >= 35, `${Math.min(...likeness)} dB`);
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["frame"]));
  }
  const cut = /** @type {[number, number]} */ ([13, 50]);
  const spans = /** @type {[number, number][]} */ ([cut.map((picture) => picture / fps)]);
  // What it should look like is said here, not by the rule for pictures as they are.
  const unlike = { minPsnr: 0 };

  test("in another size", async () => {
    const file = await interlaced("a.mp4", "tff", x264);
    const { report, output } = await exportAndCheck(
      cutFrom(file, spans, { width: 160, height: 96 }),
      { mode: "reencode" },
      unlike,
    );
    assert.deepEqual(warningsOf(report), ["DEINTERLACED"]);
    await assertDeinterlaced(output, file, cut, "scale=160:96:flags=bicubic,format=yuv420p");
  });

  test("at another rate", async () => {
    const file = await interlaced("a.mp4", "tff", x264);
    const { report, output } = await exportAndCheck(cutFrom(file, spans, { fps: 30 }), { mode: "reencode" }, unlike);
    assert.deepEqual(warningsOf(report), ["DEINTERLACED"]);
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["frame"]));
  });

  test("in H.265, which codes none", async () => {
    const file = await interlaced("a.mov", "bff", () => "-c:v prores -profile:v 3 -pix_fmt yuv422p10le", 2);
    const { report, output } = await exportAndCheck(cutFrom(file, spans.map(([start]) => [start, 2])), {}, unlike);
    assert.deepEqual(warningsOf(report).sort(), ["DEINTERLACED", "SOURCE_REENCODED"]);
    await assertDeinterlaced(output, file, cut, "format=yuv420p");
  });

  test("beside frames that are copied", async () => {
    const frames = await progressive("b.mp4", "-c:v libx264 -g 25 -preset veryfast");
    const file = await interlaced("a.ts", "tff", mpeg2);
    const { base, config } = cutFrom(frames, [[0, 3]]);
    config.sources.push({ ...config.sources[0], id: "two", filePath: file });
    config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: cut[0] / fps, endTime: cut[1] / fps });
    const { report, output } = await exportAndCheck({ base, config }, {}, unlike);
    assert.equal(report.output.framesCopied, 75);
    assert.ok(warningsOf(report).includes("DEINTERLACED"));
    assert.deepEqual(new Set(await fieldsOf(output)), new Set(["frame"]));
  });
});

describe("beside interlaced copies, frames stay frames", () => {
  const kinds = {
    progressive: ["-c:v libx264 -g 25 -preset veryfast", /one is interlaced, the other is not/],
    "single fields of HEVC": [
      "-c:v libx265 -preset veryfast -x265-params interlace=tff:log-level=error",
      /its pictures are single fields/,
    ],
  };
  for (const [name, [options, reason]] of Object.entries(kinds)) {
    test(name, async () => {
      const fields = await interlaced("a.mp4", "tff", x264);
      const frames = await progressive("b.mp4", options);
      const { base, config } = cutFrom(fields, [[0, 3]]);
      config.sources.push({ ...config.sources[0], id: "two", filePath: frames });
      config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: 0, endTime: 1 });
      const { report, output } = await exportAndCheck({ base, config });
      assert.deepEqual(await fieldsOf(output), [...Array(75).fill("tff"), ...Array(25).fill("frame")]);
      assert.match(reasonsOf(report)[0], reason);
    });
  }
});

describe("broadcast footage", () => {
  const file = mediaFile("h264-open-gop-interlaced-tff-360p.mp4");

  test("in MBAFF and open GOPs is entered at I pictures", { skip: !file && noMedia }, async () => {
    for (const cut of [[5, 110], [24, 61], [61, 125]]) {
      const { report, output } = await exportPictures(file, cut);
      assert.ok(report.output.framesCopied > 0);
      assert.equal(await fieldOrderOf(output), "tt");
    }
  });
});
