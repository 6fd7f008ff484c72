// What an export is expected to take: never less for more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateCost } from "../../lib/children/cost.js";

const planOf = (output, { mode = "hybrid", sources = 1 } = {}) => ({
  mode,
  runs: Array.from({ length: sources }, (_, source) => ({ source })),
  output: { codec: "h264", width: 1920, height: 1080, pixelFormat: "yuv420p", framesEncoded: 100, ...output },
});
const memory = (plan, { threads = 2, sources = [] } = {}) => estimateCost(plan, { threads, sources }).memoryBytes;

test("an export that copies everything keeps one thread busy, whatever the size of its pictures", () => {
  const copy = estimateCost(planOf({ framesEncoded: 0 }), { threads: 8, sources: [] });
  assert.equal(copy.threads, 1);
  assert.equal(copy.memoryBytes, memory(planOf({ framesEncoded: 0, width: 3840, height: 2160 })));
});

test("more threads, larger and deeper pictures, more sources and encoding all of it take more", () => {
  const little = memory(planOf({}));
  assert.ok(little > memory(planOf({ framesEncoded: 0 })));
  assert.ok(memory(planOf({}), { threads: 3 }) > little);
  assert.ok(memory(planOf({ width: 3840, height: 2160 })) > little);
  assert.ok(memory(planOf({ pixelFormat: "yuv420p10le" })) > little);
  assert.ok(memory(planOf({}, { sources: 3 })) > little);
  for (const codec of ["h264", "hevc", "vp9"]) assert.ok(memory(planOf({ codec }, { mode: "reencode" })) > little, codec);
});

test("a source counts by its own size where it is larger than the output, and only if it is used", () => {
  const plan = planOf({}, { mode: "reencode" });
  const sources = [{ width: 3840, height: 2160 }, { width: 7680, height: 4320 }];
  assert.equal(memory(plan, { sources }), memory(planOf({ width: 3840, height: 2160 }, { mode: "reencode" })));
  assert.equal(memory(plan, { sources: [{ width: 640, height: 360 }] }), memory(plan));
  assert.equal(memory(plan, { sources: [{}] }), memory(plan));
});
