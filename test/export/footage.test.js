// Mode hybrid on footage of every kind: each picture the one that the timeline rule puts there, copied as far as the
// sources' IDR pictures allow, the sound to the sample.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { exportAndCheck } from "./exporting.js";

// Pictures that can be left over at the end of a copy: they wait for one that is behind the cut.
const reorderDepth = 3;

/**
 * What is decoded and encoded at most: for each run, less than a GOP in front of the first IDR picture it holds, and what
 * is left over at its end, for which up to a GOP is decoded.
 */
function assertLittleWork(report, gop) {
  const runs = report.runs.length;
  const { framesEncoded } = report.output;
  assert.ok(framesEncoded <= runs * (gop - 1 + reorderDepth), `${framesEncoded} encoded`);
  assert.ok(report.framesDecoded <= 2 * runs * (gop + reorderDepth), `${report.framesDecoded} decoded`);
}

const kinds = {
  "three cameras": {},
  "cameras with clocks and phases of their own": { phase: true, offset: true },
  "a keyframe every 250 pictures": { gop: 250, seconds: 12 },
  "25 pictures per second": { fps: ["25"] },
  "30000/1001 pictures per second": { fps: ["30000/1001"] },
  "60 pictures per second": { fps: ["60"], seconds: 4 },
  "jumps in time": { jump: true },
  "sound at two rates": { rates: ["48000", "44100"] },
  "no B pictures": { profiles: ["baseline"] },
  "no CABAC": { profiles: ["cavlc"] },
  "155 segments": { segments: 155, seconds: 20 },
  "a camera without sound": { rates: ["48000", "0"] },
  MOV: { container: "mov" },
  "Matroska, whose clock counts milliseconds": { container: "mkv" },
};

describe("hybrid, copied as far as can be", () => {
  for (const [name, options] of Object.entries(kinds)) {
    test(name, async () => {
      const set = await makeMulticam(options);
      const { report } = await exportAndCheck(set, {}, { minCopied: "auto" });
      assertLittleWork(report, set.options.gop);
      assert.equal(report.mode, "hybrid");
    });
  }
});

describe("hybrid, copied where the sources fit together", () => {
  const mixed = {
    "30, 30000/1001 and 25 pictures per second": { fps: ["30", "30000/1001", "25"] },
    "encoders of three makes": { profiles: ["high", "baseline", "cavlc"] },
    "open GOPs, of which only the first picture is an IDR": { openGop: true },
  };
  for (const [name, options] of Object.entries(mixed)) {
    test(name, async () => {
      const set = await makeMulticam(options);
      const { report } = await exportAndCheck(set);
      assert.ok(report.output.framesCopied > 0);
    });
  }

  test("HEVC is encoded anew, and the plan says why", async () => {
    const set = await makeMulticam({ codec: "libx265", gop: 15 });
    const { report } = await exportAndCheck(set);
    assert.equal(report.output.framesCopied, 0);
    assert.ok(report.runs.every(({ steps }) => steps.every(({ reason }) => reason.includes("hevc"))));
  });
});
