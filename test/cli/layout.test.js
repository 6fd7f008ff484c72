import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import stringWidth from "string-width";
import { formatBitRate, formatBytes, formatFrameRate, formatShare, formatTime } from "../../lib/cli/format.js";
import { describePlan } from "../../lib/cli/summary.js";
import { layOut, truncated } from "../../lib/cli/table.js";
import { drawTimeline } from "../../lib/cli/timeline.js";
import { samples } from "../lib/support/fake.js";

const longestLine = (lines) => Math.max(...lines.map((line) => stringWidth(line)));

describe("a table", () => {
  const columns = () => [
    { title: "#", values: ["1", "22"], right: true },
    { title: "source", values: ["カメラ一号機の映像ファイル", "b"], shrinks: true },
    { title: "at", values: ["0:00.000", "0:10.000"], right: true, goes: 0 },
    { title: "why", values: ["because of this and that", ""], shrinks: true, goes: 1 },
  ];

  test("takes no more room than it needs", () => {
    assert.deepEqual(layOut(columns(), 200), [
      " #  source                            at  why",
      " 1  カメラ一号機の映像ファイル  0:00.000  because of this and that",
      "22  b                           0:10.000",
    ]);
  });

  test("fits any width: first by shortening, then by leaving columns out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 120 }), (width) => {
        const lines = layOut(columns(), width);
        assert.equal(lines.length, 3);
        assert.ok(longestLine(lines) <= width, lines.join("\n"));
        assert.ok(lines[1].includes(" 1  カ"));
      }),
    );
    assert.match(layOut(columns(), 50)[1], /0:00\.000 {2}becaus.*…$/);
    assert.deepEqual(layOut(columns(), 22).at(0), " #  source    why");
  });

  test("shortens between characters, never within one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const result = truncated(text, width);
        assert.ok(stringWidth(result) <= width);
        assert.ok(result === text || text.startsWith(result.slice(0, -1)));
      }),
    );
  });
});

describe("the timeline", () => {
  const planOf = (duration, runs) => ({ ...samples.plan, output: { ...samples.plan.output, duration }, runs });
  const step = (kind, start, end) => ({ kind, start, end, frames: 1 });

  test("shows copied, encoded and mixed cells where they lie", () => {
    const runs = [
      { source: 0, steps: [step("copy", 0, 4), step("encode", 4, 6)] },
      { source: 1, steps: [step("encode", 6, 7.5), step("copy", 7.5, 10)] },
      { source: 0, steps: [step("copy", 10, 20)] },
    ];
    assert.deepEqual(
      drawTimeline(planOf(20, runs), (source) => "ab"[source], 23),
      ["a  ░░░░██    ░░░░░░░░░░", "b        █▒░░", "   0:00.000    0:20.000", "░ copied  ▒ both  █ encoded"],
    );
  });

  test("shows even the shortest encode", () => {
    const runs = [
      { source: 0, steps: [step("copy", 0, 1799.97), step("encode", 1799.97, 1800), step("copy", 1800, 3600)] },
    ];
    assert.equal(drawTimeline(planOf(3600, runs), () => "a", 23)[0], "a  ░░░░░░░░░▒░░░░░░░░░░");
  });

  test("names sources that are wide on a terminal at the right width", () => {
    const runs = [
      { source: 0, steps: [step("copy", 0, 1)] },
      { source: 1, steps: [step("copy", 1, 2)] },
    ];
    const lines = drawTimeline(planOf(2, runs), (source) => ["カメラ", "b"][source], 28);
    assert.deepEqual(lines.slice(0, 2), ["カメラ  ░░░░░░░░░░", "b                 ░░░░░░░░░░"]);
  });

  test("fits the terminal, and so does the plan", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 200 }), (width) => {
        const names = (source) => ["a camera whose name goes on and on and on", "b"][source];
        const text = describePlan(samples.plan, names, width);
        const tableAndDrawing = text.split("\n").slice(5, -1);
        assert.ok(longestLine(tableAndDrawing) <= width, text);
      }),
    );
  });
});

test("quantities", () => {
  const read = (format, cases) => {
    for (const [value, text] of cases) assert.equal(format(value), text);
  };
  read(formatTime, [
    [0, "0:00.000"],
    [59.9996, "1:00.000"],
    [3723.45, "1:02:03.450"],
    [-1.5, "-0:01.500"],
    [-0.0001, "0:00.000"],
  ]);
  read(formatBytes, [
    [0, "0 B"],
    [999, "999 B"],
    [999.96, "1.0 kB"],
    [1e6, "1.0 MB"],
    [9.5e9, "9.5 GB"],
    [999_949_999, "999.9 MB"],
  ]);
  read(formatBitRate, [[8_192_000, "8.2 Mb/s"]]);
  read(formatFrameRate, [
    [[30000, 1001], "29.97 fps"],
    [[25, 1], "25 fps"],
    [[24000, 1001], "23.976 fps"],
  ]);
  assert.equal(formatShare(0, 0), "0 %");
  assert.equal(formatShare(1, 3), "33.3 %");
});
