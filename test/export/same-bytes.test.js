// What an export gives does not depend on what else the process does meanwhile.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { cutFrom } from "./exporting.js";

const folder = temporaryFolder();
const camera = path.join(folder, "camera.mp4");

before(async () => {
  const picture = words("-f lavfi -i testsrc2=size=640x360:rate=25:duration=2,noise=alls=20:allf=t:all_seed=1");
  await ffmpeg([...picture, ...words("-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"), camera]);
});

describe("exports beside others give the same bytes as one alone", () => {
  for (const [mode, codec] of [
    ["reencode", "h264"],
    ["reencode", "h265"],
    ["hybrid", "copy"],
  ]) {
    test(`${mode}, ${codec}`, async () => {
      const { config } = cutFrom(camera, [[0.5, 1.2], [1.3, 1.9]], { codec, width: 320, height: 180, includeAudio: false });
      const hashOf = async (name) => {
        const output = path.join(folder, `${name}-${codec}.mp4`);
        await exportVideo(config, { output, mode, video: { preset: "superfast" } });
        return createHash("sha256").update(readFileSync(output)).digest("hex");
      };
      const alone = await hashOf("alone");
      const beside = await Promise.all([hashOf("one"), hashOf("two")]);
      assert.deepEqual(beside, [alone, alone]);
    });
  }
});
