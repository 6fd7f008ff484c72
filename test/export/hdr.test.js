// High dynamic range: what a file says of the light its pictures are made for is kept, copied or encoded.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../binding/support/footage.js";
import { ffmpeg, ffprobe, words } from "../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../support/media.mjs";
import { cutFrom, exportAndCheck } from "./exporting.js";

const colours = {
  HDR10: "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
  HLG: "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc",
};
const light =
  ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400";

/** A camera of 10 bits whose container says nothing of the light: only its pictures do. */
async function camera(kind, more = "") {
  const file = path.join(temporaryFolder(), "hdr.mp4");
  await ffmpeg([
    ...words("-y -f lavfi -i testsrc2=size=320x180:rate=25 -t 3 -pix_fmt yuv420p10le -c:v libx265 -tag:v hvc1"),
    ...words(colours[kind]),
    "-x265-params",
    `log-level=none:keyint=20:bframes=3:open-gop=1:repeat-headers=1${more}`,
    file,
  ]);
  return file;
}

const lightOf = (list) =>
  (list ?? [])
    .filter(({ side_data_type: type }) => /Mastering display|Content light/.test(type))
    .sort((a, b) => a.side_data_type.localeCompare(b.side_data_type));

/** Of the stream and of each picture. */
async function said(file) {
  const { streams, frames } = await ffprobe([...words("-select_streams v:0 -show_streams -show_frames"), file]);
  return { stream: streams[0], frames };
}

const colourOf = (from) =>
  ["color_range", "color_primaries", "color_transfer", "color_space", "chroma_location"].map((key) => from[key]);

describe("high dynamic range", () => {
  for (const [kind, more, count] of [["HDR10", light, 2], ["HLG", "", 0]]) {
    test(`${kind}: every picture of a cut, copied or encoded, says what the source's say`, async () => {
      const source = await camera(kind, more);
      const { report, output } = await exportAndCheck(cutFrom(source, [[0.4, 1.3], [0.5, 2.6]]), {}, { minCopied: "auto" });
      assert.ok(report.output.framesCopied > 0 && report.output.framesEncoded > 0);
      const [was, is] = [await said(source), await said(output)];
      const wanted = lightOf(was.frames[0].side_data_list);
      assert.equal(wanted.length, count);
      for (const frame of is.frames) assert.deepEqual(lightOf(frame.side_data_list), wanted);
      assert.deepEqual(lightOf(is.stream.side_data_list), wanted);
      assert.deepEqual(colourOf(is.stream), colourOf(was.stream));
      for (const frame of is.frames) assert.deepEqual(colourOf(frame), colourOf(was.frames[0]));
    });
  }

  test("HDR10 that is encoded anew says it, too", async () => {
    const source = await camera("HDR10", light);
    const canvas = { width: 320, height: 180, fps: 25, codec: "h265" };
    const { output } = await exportAndCheck(cutFrom(source, [[0.4, 1.4]], canvas), { mode: "reencode" });
    const [was, is] = [await said(source), await said(output)];
    for (const frame of is.frames) assert.deepEqual(lightOf(frame.side_data_list), lightOf(was.frames[0].side_data_list));
  });
});

describe("Dolby Vision", () => {
  const record = async (file) =>
    (await said(file)).stream.side_data_list?.find(({ side_data_type: type }) => /DOVI/.test(type));

  const dropped = ({ code }) => code === "DOLBY_VISION_DROPPED";
  const names = { hdr10: "hevc-dolby-vision-p81-pq-5994.mp4", hlg: "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4" };
  const onHdr10 = mediaFile(names.hdr10);

  test("stays so where every picture is copied", { skip: !onHdr10 && noMedia }, async () => {
    const { report, output } = await exportAndCheck(cutFrom(onHdr10, [[0, 60]]));
    assert.equal(report.output.framesEncoded, 0);
    assert.deepEqual(await record(output), await record(onHdr10));
    assert.ok(!report.warnings.some(dropped));
  });

  for (const name of Object.values(names)) {
    const file = mediaFile(name);
    test(`is what it builds on where a picture is encoded, with a warning: ${name}`, { skip: !file && noMedia }, async () => {
      const { report, output } = await exportAndCheck(cutFrom(file, [[0.11, 1.07]]));
      assert.ok(report.output.framesEncoded > 0);
      assert.equal(await record(output), undefined);
      assert.ok(report.warnings.some(dropped));
    });
  }
});
