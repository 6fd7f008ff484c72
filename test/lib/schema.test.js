import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExportConfigSchema,
  ExportOutputSchema,
  ExportSegmentSchema,
  ExportSourceSchema,
  ExportStatusFileSchema,
} from "@opencut/libav/schema";
import { CONFIG_SHAPE } from "../../lib/config.js";
import { samples } from "./support/fake.js";

const { config } = samples;
const accepts = (change) => ExportConfigSchema.safeParse({ ...config, ...change }).success;

test("defaults are the caller's", () => {
  const parsed = ExportConfigSchema.parse({ ...config, segments: [{ sourceIndex: 0, startTime: 0, endTime: 1 }] });
  assert.equal(parsed.status, "pending");
  assert.equal(parsed.sources[0].hasAudio, true);
  assert.equal(parsed.segments[0].audioFromSource, true);
  assert.deepEqual(parsed.output, {
    filePath: "exports/1/output.mp4",
    format: "mp4",
    codec: "copy",
    includeAudio: true,
  });
  assert.equal(ExportStatusFileSchema.parse({ jobId: "1", status: "failed" }).progress, 0);
});

test("unknown keys are dropped", () => {
  assert.equal("extra" in ExportConfigSchema.parse({ ...config, extra: 1 }), false);
});

test("the addon is sent the schema's keys, no more and no fewer", () => {
  const keys = (schema) => Object.keys(schema.shape).sort();
  const { sources, segments, output } = CONFIG_SHAPE;
  assert.deepEqual(Object.keys(CONFIG_SHAPE).sort(), keys(ExportConfigSchema));
  assert.deepEqual(Object.keys(sources[0]).sort(), keys(ExportSourceSchema));
  assert.deepEqual(Object.keys(segments[0]).sort(), keys(ExportSegmentSchema));
  assert.deepEqual(Object.keys(output).sort(), keys(ExportOutputSchema));
});

test("a config of another version, without sources or without segments is refused", () => {
  assert.ok(accepts({}));
  assert.ok(!accepts({ version: 2 }));
  assert.ok(!accepts({ version: "1" }));
  assert.ok(!accepts({ sources: [] }));
  assert.ok(!accepts({ segments: [] }));
  assert.ok(!accepts({ output: undefined }));
  assert.ok(!accepts({ id: null }));
});

test("times are finite and not negative; sizes and indices are whole", () => {
  const segment = (change) => accepts({ segments: [{ sourceIndex: 0, startTime: 0, endTime: 1, ...change }] });
  assert.ok(segment({ startTime: -0, endTime: 1e21 }));
  for (const bad of [-1e-9, NaN, Infinity, "1", null, undefined]) assert.ok(!segment({ startTime: bad }), `${bad}`);
  for (const bad of [-1, 0.5, NaN, Infinity, null]) assert.ok(!segment({ sourceIndex: bad }), `${bad}`);
  const source = (change) => accepts({ sources: [{ ...config.sources[0], ...change }] });
  assert.ok(source({ width: 1920, height: 1, fps: 0.001, duration: 0 }));
  assert.ok(source({ width: undefined }));
  for (const bad of [{ width: 0 }, { height: 1.5 }, { width: null }, { fps: 0 }, { fps: Infinity }, { duration: -1 }]) {
    assert.ok(!source(bad), JSON.stringify(bad));
  }
});

test("createdAt is a date and time in UTC that exists", () => {
  for (const good of [
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.123456Z",
    "2024-02-29T23:59:59Z",
    new Date().toISOString(),
  ]) {
    assert.ok(accepts({ createdAt: good }), good);
  }
  const wrong = [
    "2026-01-02",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05",
    "2026-01-02T03:04:05+01:00",
    "2023-02-29T00:00:00Z",
    "",
  ];
  for (const bad of [...wrong, 0, null]) assert.ok(!accepts({ createdAt: bad }), `${bad}`);
});

test("a status file's progress lies between 0 and 1", () => {
  const status = (progress) => ExportStatusFileSchema.safeParse({ jobId: "1", status: "processing", progress }).success;
  assert.ok(status(0) && status(1) && status(undefined));
  for (const bad of [-0.01, 1.01, NaN, Infinity, null]) assert.ok(!status(bad));
});
