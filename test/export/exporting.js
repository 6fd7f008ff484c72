// What every test here does: exports, and has the file checked by the ffmpeg command line.
import assert from "node:assert/strict";
import path from "node:path";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { verifyExport } from "../support/verify/verify-export.mjs";

/** @typedef {{ base: string, config: object }} Footage A media base and an export config. */

const promised = { hybrid: "exact", copy: "copy", reencode: "reencode" };
// Copied packets lie at most half a packet beside their place; else to the sample, and what measuring it is off by.
export const mostLagMs = { copy: 12, smart: 12, exact: 1 };

/**
 * @param {Footage} footage
 * @param {object} [options] Of the export; `mode` is "hybrid".
 * @param {Partial<import("../support/verify/verify-export.mjs").Check>} [check]
 */
export async function exportAndCheck({ base, config }, { mode = "hybrid", ...options } = {}, check = {}) {
  const output = path.join(temporaryFolder(), `out.${config.output.format}`);
  const report = await exportVideo(config, { mediaBasePath: base, output, mode, ...options });
  const { findings, facts } = await verifyExport({
    config,
    output,
    mediaBase: base,
    mode: promised[mode],
    maxLagMs: mostLagMs[report.audio?.mode ?? "exact"],
    ...check,
  });
  assert.deepEqual(findings, []);
  assert.equal(report.output.framesCopied + report.output.framesEncoded, facts.frames);
  return { report, facts, output };
}

/**
 * One file as the only source.
 * @param {string} file
 * @param {[start: number, end: number][]} spans Seconds.
 * @param {object} [output] Of the config.
 * @returns {Footage}
 */
export function cutFrom(file, spans, output = {}) {
  return {
    base: path.dirname(file),
    config: {
      version: 1,
      id: "one",
      projectId: "one",
      projectName: "One",
      createdAt: "2026-01-01T00:00:00.000Z",
      sources: [{ id: "one", name: "One", filePath: file }],
      segments: spans.map(([startTime, endTime]) => ({ sourceIndex: 0, startTime, endTime, audioFromSource: true })),
      output: { filePath: "out.mp4", format: "mp4", includeAudio: true, ...output },
    },
  };
}
