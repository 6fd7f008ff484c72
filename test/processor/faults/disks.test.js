// What happens on disks that are full, or cannot hold jobs. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { makeReadOnly, smallDisk } from "../../binding/support/disks.js";
import { small } from "../../binding/support/footage.js";
import { holding } from "../../binding/support/programs.js";
import { makeBase } from "../support/bases.js";
import { assertCompleted, overOf } from "../support/checks.js";
import { short, showRecovery } from "../support/mid_render.js";
import { startProcessor, until } from "../support/processors.js";
import { watchJob } from "../support/witness.js";

const noMount = smallDisk(1) === null && "may not mount a disk of its own";

describe("a disk", () => {
  /** A small base that is full but for `freeBytes`. */
  function fullBase(mebibytes) {
    const base = makeBase(smallDisk(mebibytes), { copies: true });
    const filler = path.join(base.folder, "filler");
    const fill = () => {
      const file = openSync(filler, "w");
      try {
        for (let size = 1 << 16; size >= 1; size = size >> 1) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    };
    return { base, fill, free: () => rmSync(filler) };
  }

  test(
    "that is full: the job waits and fails, or is done when there is room; the service lives",
    { skip: noMount },
    async () => {
      const { base, fill, free } = fullBase(48);
      const processor = startProcessor(base);
      await processor.started();
      const config = base.configOf(small, "a");
      const witness = watchJob(base, "a");
      base.submit("a", config);
      await processor.says("job claimed", "a");
      fill();
      await until(
        () => processor.said("attempt failed", "a").length > 0 || base.statusOf("a").status === "completed",
        "it is tried",
      );
      free();
      const freedMs = performance.now();
      const status = await overOf(base, "a");
      showRecovery("a full disk that has room again, until the job is over", freedMs);
      assert.ok(["completed", "failed"].includes(status.status));
      if (status.status === "failed") assert.equal(status.code, "ERR_FS");
      assert.deepEqual(witness.end(), []);
      base.submit("b", short(base, "b"));
      await assertCompleted(base, "b", short(base, "b"));
      await processor.stop();
    },
  );

  test("that has no room for a claim: the job is left pending until there is", { skip: noMount }, async () => {
    const { base, fill, free } = fullBase(48);
    const config = base.configOf(small, "a");
    base.submit("a", config);
    const pending = path.join(base.folder, "pending.json");
    renameSync(path.join(base.jobFolder("a"), "status.json"), pending);
    const processor = startProcessor(base);
    await processor.started();
    fill();
    renameSync(pending, path.join(base.jobFolder("a"), "status.json"));
    await until(() => /ENOSPC/.test(processor.output.stderr), "it meets the full disk");
    assert.equal(base.statusOf("a").status, "pending");
    free();
    const freedMs = performance.now();
    await assertCompleted(base, "a", config);
    showRecovery("a disk without room for a claim that has room again, until the job is over", freedMs);
    await processor.stop();
  });

  test("that cannot be written is refused at the start", { skip: noMount }, async () => {
    const base = makeBase(smallDisk(16), { copies: true });
    makeReadOnly(base.folder);
    const { code, stderr } = await startProcessor(base).exit();
    assert.equal(code, 5);
    assert.match(stderr, /EROFS.*ERR_FS/);
  });

  test("on which files cannot be renamed is refused at the start", async () => {
    const { env } = holding({ call: "rename", on: "staging", errno: 95 });
    const { code, stderr } = await startProcessor(makeBase(), [], { env }).exit();
    assert.equal(code, 5);
    assert.match(stderr, /ERR_FS/);
  });
});

/** @param {number} file @param {Buffer} bytes */
function writeUntilFull(file, bytes) {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (error.code !== "ENOSPC") throw error;
  }
}
