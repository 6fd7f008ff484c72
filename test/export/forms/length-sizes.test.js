// Samples whose NAL units have lengths of one or two bytes come out with four.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../../binding/support/footage.js";
import { configurationOf, pictureTrack, readMovie, withConfiguration, writeMovie } from "../../fixtures/mp4-movie.mjs";
import { ffmpeg, words } from "../../support/ffmpeg.mjs";
import { lengthBytes, nalUnits } from "../../support/verify/mp4.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();

function withLengths(units, bytes) {
  return Buffer.concat(
    units.flatMap((unit) => {
      const length = Buffer.alloc(bytes);
      length.writeUIntBE(unit.length, 0, bytes);
      return [length, unit];
    }),
  );
}

/** The file, its lengths of `bytes` bytes. @param {"h264" | "hevc"} codec */
function relaid(file, codec, bytes) {
  const movie = readMovie(file);
  const track = pictureTrack(movie);
  const configuration = Buffer.from(configurationOf(track.descriptions[0]));
  const place = codec === "h264" ? 4 : 21; // Of lengthSizeMinusOne (ISO/IEC 14496-15, 5.3.3.1.2 and 8.3.3.1.2).
  configuration[place] = (configuration[place] & ~3) | (bytes - 1);
  track.descriptions[0] = withConfiguration(track.descriptions[0], configuration);
  for (const sample of track.samples) sample.bytes = withLengths(nalUnits(sample.bytes, 4), bytes);
  const changed = path.join(folder, `${codec}-${bytes}.mp4`);
  writeMovie(changed, movie);
  return changed;
}

// Pictures so small that a slice has at most 255 bytes; nothing is said of the encoder's options, which takes more. x265
// 4.1 writes pictures of several slices that decoders refuse.
const streams = {
  h264: "-c:v libx264 -crf 48 -x264-params keyint=12:bframes=2:slices=6 -bsf:v filter_units=remove_types=6",
  hevc: "-c:v libx265 -s 64x64 -crf 51 -x265-params keyint=12:bframes=2:ctu=16:log-level=error:info=0",
};

for (const [codec, options] of Object.entries(streams)) {
  describe(codec, async () => {
    const file = path.join(folder, `${codec}.mp4`);
    await ffmpeg([...words("-f lavfi -i testsrc2=size=128x96:rate=25 -t 3"), ...words(options), file]);
    for (const bytes of [1, 2]) {
      for (const mode of ["hybrid", "copy"]) {
        test(`lengths of ${bytes}, mode ${mode}`, async () => {
          const source = relaid(file, codec, bytes);
          assert.equal(lengthBytes(configurationOf(pictureTrack(readMovie(source)).descriptions[0]), codec), bytes);
          const { report, output } = await exportAndCheck(cutFrom(source, [[0.2, 1.6], [1.92, 2.8]]), { mode });
          assert.ok(report.output.framesCopied >= 24);
          assert.equal(lengthBytes(configurationOf(pictureTrack(readMovie(output)).descriptions[0]), codec), 4);
        });
      }
    }
  });
}
