// Sources of another shape than the one that is copied, as the ffmpeg command line turns and scales them.
import path from "node:path";
import { before, describe, test } from "node:test";
import { temporaryFolder } from "../../binding/support/footage.js";
import { ffmpeg, words } from "../../support/ffmpeg.mjs";
import { cutFrom, exportAndCheck } from "../exporting.js";

const folder = temporaryFolder();
const inFolder = (name) => path.join(folder, name);

/** @param {string} name @param {string} aspect Of its samples. @param {number} turn Degrees. */
async function makeTurned(name, aspect, turn) {
  const coded = inFolder(`coded-${name}`);
  const picture = words("-f lavfi -i testsrc2=size=320x240:rate=25:duration=2");
  await ffmpeg([...picture, "-vf", `setsar=${aspect}`, ...words("-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"), coded]);
  await ffmpeg(["-i", coded, ...words(`-c copy -metadata:s:v:0 rotate=${turn}`), inFolder(name)]);
}

describe("samples that are not square, turned", () => {
  before(() => makeTurned("plain.mp4", "1", 0));

  for (const turn of [90, 270]) {
    for (const aspect of ["2/1", "3/4"]) {
      test(`by ${turn} degrees, ${aspect}`, async () => {
        const name = `turned-${turn}-${aspect.replace("/", "-")}.mp4`;
        await makeTurned(name, aspect, turn);
        const { base, config } = cutFrom(inFolder("plain.mp4"), [[0, 2]], { includeAudio: false });
        config.sources.push({ ...config.sources[0], id: "two", filePath: inFolder(name) });
        config.segments.push({ ...config.segments[0], sourceIndex: 1, startTime: 0.2, endTime: 0.8 });
        await exportAndCheck({ base, config });
      });
    }
  }
});
