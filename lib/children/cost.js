// What an export will take of the machine, from its plan.
/** @import { ExportConfigInput } from "../../types/config.js" */
/** @import { ExportCost } from "../../types/children.js" */
/** @import { ExportPlan } from "../../types/plan.js" */

/**
 * Fitted to the peaks of resident memory that `node test/benchmark/memory.mjs` finds (ARCHITECTURE.md, "Children"), and
 * meant to lie above them. A picture is one of the larger of output and sources, as it is decoded.
 */
const COSTS = {
  /** The runtime, the addon, and what is read ahead of copies. */
  baseBytes: 140 * 2 ** 20,
  /** An open source: its index and its demuxers' buffers. */
  sourceBytes: 4 * 2 ** 20,
  /** Pictures that decoders, encoders and the queues between them hold. VP9 takes no more than HEVC, and is never hybrid. */
  pictures: {
    hybrid: { h264: { fixed: 12, perThread: 30 }, hevc: { fixed: 12, perThread: 55 } },
    reencode: { h264: { fixed: 105, perThread: 12 }, hevc: { fixed: 125, perThread: 11 } },
  },
};

const BYTES_PER_PIXEL = { eightBits: 1.5, more: 3 };

/**
 * @param {ExportPlan} plan
 * @param {{ threads: number, sources: ExportConfigInput["sources"] }} of `threads`: what the export will be given;
 *   `sources`: the config's, whose sizes may be missing.
 * @returns {ExportCost}
 */
export function estimateCost(plan, { threads, sources }) {
  const used = new Set(plan.runs.map((run) => run.source));
  const baseBytes = COSTS.baseBytes + used.size * COSTS.sourceBytes;
  if (plan.output.framesEncoded === 0) return { memoryBytes: baseBytes, threads: 1 };
  const picture = Math.max(...[...used].map((index) => pictureBytes(plan, sources[index])));
  const { fixed, perThread } = COSTS.pictures[plan.mode === "reencode" ? "reencode" : "hybrid"][codecOf(plan)];
  return { memoryBytes: Math.round(baseBytes + picture * (fixed + perThread * threads)), threads };
}

/** @param {ExportPlan} plan @param {ExportConfigInput["sources"][number] | undefined} source */
function pictureBytes({ output }, source) {
  const pixels = Math.max(output.width * output.height, (source?.width ?? 0) * (source?.height ?? 0));
  const deep = /1[0-6](le|be)$/.test(output.pixelFormat);
  return pixels * (deep ? BYTES_PER_PIXEL.more : BYTES_PER_PIXEL.eightBits);
}

/** @param {ExportPlan} plan */
function codecOf({ output: { codec } }) {
  return codec === "h264" ? "h264" : "hevc";
}
