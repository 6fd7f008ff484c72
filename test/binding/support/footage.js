// What the tests of running jobs export, and where to.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeMulticam } from "../../fixtures/make-multicam.mjs";
import "./preloaded.js";

// Tests of lib/ that share this process choose a fake one.
if (process.env.OPENCUT_LIBAV_BINARY?.endsWith("fake_addon.cjs")) delete process.env.OPENCUT_LIBAV_BINARY;

/** Three small cameras, 6 s each. */
export const small = await makeMulticam();

/** One camera at 1080p, for what takes its time. */
export const large = await makeMulticam({
  cameras: 1,
  seconds: 3,
  size: "1920x1080",
  gop: 30,
  segments: 1,
  bitrate: "8M",
  speed: "ultrafast",
});

const scratch = mkdtempSync(path.join(os.tmpdir(), "opencut-binding-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** A folder that is gone when the process ends. */
export const temporaryFolder = () => mkdtempSync(path.join(scratch, "in-"));

/** @param {import("../../fixtures/make-multicam.mjs").Multicam} set @param {object[]} segments */
export function editOf(set, segments) {
  const filled = segments.map((segment) => ({ sourceIndex: 0, audioFromSource: true, ...segment }));
  return { ...set.config, segments: filled };
}

/**
 * An edit of the large camera that takes long: each segment begins and ends between keyframes.
 * @param {number} count Of segments, 2 s each.
 */
export function longEdit(count) {
  return editOf(
    large,
    Array.from({ length: count }, (_, i) => ({ startTime: 0.4 + 0.01 * (i % 40), endTime: 2.4 + 0.01 * (i % 40) })),
  );
}

/** An edit of the small cameras that is done in no time: one segment of half a second, on a keyframe. */
export const shortEdit = editOf(small, [{ startTime: 1, endTime: 1.5 }]);

/** @param {string} folder */
export const namesIn = (folder) => readdirSync(folder).sort();

/** A folder in which an earlier export's file lies. */
export function folderWithTarget() {
  const folder = temporaryFolder();
  const target = path.join(folder, "out.mp4");
  writeFileSync(target, "earlier");
  return {
    folder,
    target,
    assertUntouched() {
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
      assert.equal(readFileSync(target, "utf8"), "earlier");
    },
  };
}
