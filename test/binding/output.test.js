// The place an export is written to: what is there already, what gets in the way, what is left behind.
import assert from "node:assert/strict";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportVideo } from "@opencut/libav";
import { verifyExport } from "../support/verify/verify-export.mjs";
import { makeReadOnly, smallDisk } from "./support/disks.js";
import { longEdit, large, namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { holding, start } from "./support/programs.js";

const plainExport = fileURLToPath(new URL("support/plain_export.js", import.meta.url));
const mayMount = smallDisk(1) !== null;
const noMount = !mayMount && "may not mount a disk of its own";

/** @param {string} target @param {object} [options] */
const exportTo = (target, options) =>
  exportVideo(shortEdit, { mediaBasePath: small.base, output: target, ...options });

/** Starts a process that exports the small cameras' edit; `end` gives what it then says. */
function startExport(target, { env, config = small.config, options } = {}) {
  const request = { config, options: { mediaBasePath: small.base, output: target, ...options } };
  const program = start([plainExport, JSON.stringify(request)], { env });
  const end = async () => {
    const { code, stdout, stderr } = await program.exit();
    assert.deepEqual([code, stderr], [0, ""]);
    return JSON.parse(stdout.trim().split("\n").at(-1));
  };
  return { ...program, end };
}

/** Whether `error` is a file system's failure, named so. */
const isFailure = (system, phase) => (error) => {
  assert.deepEqual([error.code, error.context?.system, error.retryable], ["ERR_FS", system, true], error.message);
  if (phase) assert.equal(error.phase, phase);
  return true;
};

async function assertWhole(file, config = small.config, options = {}) {
  const { findings } = await verifyExport({
    config,
    output: file,
    mediaBase: small.base,
    maxLagMs: 1,
    randomAccess: false,
    ...options,
  });
  assert.deepEqual(findings, []);
}

describe("a target that cannot be", () => {
  test("in a folder that is not there", async () => {
    const folder = temporaryFolder();
    await assert.rejects(exportTo(path.join(folder, "no", "out.mp4")), isFailure("ENOENT"));
    assert.deepEqual(namesIn(folder), []);
  });

  test("in a folder that is a file", async () => {
    const file = path.join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await assert.rejects(exportTo(path.join(file, "out.mp4")), isFailure("ENOTDIR"));
  });

  test("that is a folder", async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, "out.mp4"));
    await assert.rejects(exportTo(path.join(folder, "out.mp4")), isFailure("EISDIR"));
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
  });

  test("with a name that is too long; the longest is not", async () => {
    const folder = temporaryFolder();
    const named = (bytes) => path.join(folder, `${"ö".repeat((bytes - 5) / 2)}x.mp4`);
    await assert.rejects(exportTo(named(257)), isFailure("ENAMETOOLONG"));
    await exportTo(named(255));
    assert.equal(namesIn(folder).length, 1);
  });

  const readOnly = process.getuid?.() === 0 && noMount;
  test("in a folder that is read-only", { skip: readOnly }, async () => {
    const folder = mayMount ? smallDisk(8) : temporaryFolder();
    if (mayMount) makeReadOnly(folder);
    else chmodSync(folder, 0o555);
    await assert.rejects(exportTo(path.join(folder, "out.mp4")), isFailure(mayMount ? "EROFS" : "EACCES"));
    assert.deepEqual(namesIn(folder), []);
  });
});

describe("a target that is one of the sources is refused", () => {
  /** A media base with copies, and the bytes of the first. */
  function ownSources() {
    const base = temporaryFolder();
    mkdirSync(path.join(base, "sources"));
    const files = small.sources.map((source) => path.join(base, "sources", path.basename(source)));
    small.sources.forEach((source, i) => copyFileSync(source, files[i]));
    return { base, files };
  }
  const refused = (error) => {
    assert.equal(error.code, "ERR_BAD_ARGS", error.message);
    assert.equal(error.context.jsonPath, "options.output");
    return true;
  };
  const others = {
    "by its own name": (source) => source,
    "by a hard link": (source, folder) => {
      linkSync(source, path.join(folder, "hard.mp4"));
      return path.join(folder, "hard.mp4");
    },
    "by a symbolic link": (source, folder) => {
      symlinkSync(source, path.join(folder, "soft.mp4"));
      return path.join(folder, "soft.mp4");
    },
    "by a link to its folder": (source, folder) => {
      symlinkSync(path.dirname(source), path.join(folder, "linked"));
      return path.join(folder, "linked", path.basename(source));
    },
  };
  for (const [name, targetOf] of Object.entries(others)) {
    for (const [which, index] of Object.entries({ "that is used": 0, "that no segment uses": 2 })) {
      test(`${name}, one ${which}`, async () => {
        const { base, files } = ownSources();
        const target = targetOf(files[index], base);
        await assert.rejects(exportTo(target, { mediaBasePath: base }), refused);
        assert.ok(readFileSync(files[index]).equals(readFileSync(small.sources[index])));
        assert.deepEqual(namesIn(path.dirname(files[0])), files.map((file) => path.basename(file)));
      });
    }
  }

  test("as the config has it", async () => {
    const { base } = ownSources();
    const config = { ...shortEdit, output: { ...shortEdit.output, filePath: "sources/cam1.mp4" } };
    await assert.rejects(exportVideo(config, { mediaBasePath: base }), (error) => {
      assert.deepEqual([error.code, error.context.jsonPath], ["ERR_BAD_ARGS", "output.filePath"]);
      return true;
    });
  });
});

describe("a target that is there already", () => {
  test("is replaced; a symbolic link itself, not what it leads to", async () => {
    const folder = temporaryFolder();
    const [real, link] = ["real", "link.mp4"].map((name) => path.join(folder, name));
    writeFileSync(real, "precious");
    symlinkSync(real, link);
    await exportTo(link);
    assert.equal(readFileSync(real, "utf8"), "precious");
    assert.ok(readFileSync(link).length > 1000);
  });

  test("is kept with overwrite: false, whether it was there before or came meanwhile", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    writeFileSync(target, "earlier");
    await assert.rejects(exportTo(target, { overwrite: false }), isFailure("EEXIST", "planning"));
    rmSync(target);

    const { env, reached, release } = holding({ call: "pwrite", on: ".part" });
    const program = startExport(target, { env, options: { overwrite: false } });
    await reached();
    writeFileSync(target, "earlier");
    release();
    isFailure("EEXIST", "finalizing")((await program.end()).error);
    assert.equal(readFileSync(target, "utf8"), "earlier");
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
  });

  test("without overwrite, a target that is not there is made", async () => {
    const target = path.join(temporaryFolder(), "out.mp4");
    const { output } = await exportTo(target, { overwrite: false });
    assert.equal(output.bytes, statSync(target).size);
  });
});

describe("a full disk", () => {
  test("is seen before anything is written", { skip: noMount }, async () => {
    const disk = smallDisk(1);
    const target = path.join(disk, "out.mp4");
    await assert.rejects(
      exportVideo(longEdit(20), { mediaBasePath: large.base, output: target, mode: "copy" }),
      (error) => {
        assert.match(error.message, /MiB needed/);
        return isFailure("ENOSPC", "planning")(error);
      },
    );
    assert.deepEqual(namesIn(disk), []);
  });

  test("that fills up meanwhile", { skip: noMount }, async () => {
    const disk = smallDisk(4);
    const { env, reached, release } = holding({ call: "pwrite", on: ".part", nth: 2 });
    const program = startExport(path.join(disk, "out.mp4"), { env });
    await reached();
    const other = openSync(path.join(disk, "other"), "w");
    assert.throws(() => {
      for (;;) writeSync(other, Buffer.alloc(1 << 14));
    }, /ENOSPC/);
    closeSync(other);
    release();
    isFailure("ENOSPC", "rendering")((await program.end()).error);
    assert.deepEqual(namesIn(disk), ["other"]);
  });

  const calls = {
    "a write": { call: "pwrite", nth: 2, system: "EIO", phase: "rendering" },
    "the last writes": { call: "pwrite", nth: 5, system: "EDQUOT", phase: "rendering" },
    "moving the file to the disk": { call: "fsync", system: "EIO", phase: "finalizing" },
    "the rename": { call: "rename", system: "EACCES", phase: "finalizing" },
  };
  for (const [name, { system, phase, ...call }] of Object.entries(calls)) {
    test(`or a broken one: ${name} fails`, async () => {
      const folder = temporaryFolder();
      const target = path.join(folder, "out.mp4");
      writeFileSync(target, "earlier");
      const { env } = holding({ ...call, on: ".part", errno: os.constants.errno[system] });
      isFailure(system, phase)((await startExport(target, { env }).end()).error);
      assert.deepEqual(namesIn(folder), ["out.mp4"]);
      assert.equal(readFileSync(target, "utf8"), "earlier");
    });
  }
});

describe("the output's folder", () => {
  for (const held of [
    { call: "pwrite", on: ".part" },
    { call: "fsync", on: ".part" },
  ]) {
    test(`is deleted before ${held.call}: one failure, and it stays away`, async () => {
      const folder = path.join(temporaryFolder(), "exports");
      mkdirSync(folder);
      const { env, reached, release } = holding(held);
      const program = startExport(path.join(folder, "out.mp4"), { env });
      await reached();
      rmSync(folder, { recursive: true });
      release();
      isFailure("ENOENT")((await program.end()).error);
      assert.ok(!existsSync(folder));
    });
  }
});

describe("what a killed process left", () => {
  test("is removed by the next export to the same target, which is whole", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const { env, reached } = holding({ call: "pwrite", on: ".part", nth: 2 });
    const program = startExport(target, { env });
    await reached();
    program.child.kill("SIGKILL");
    assert.equal((await program.exit()).signal, "SIGKILL");
    const [left, ...others] = namesIn(folder);
    assert.match(left, /^\.out\.mp4\..+\.part$/);
    assert.deepEqual(others, []);
    await exportVideo(small.config, { mediaBasePath: small.base, output: target });
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
    await assertWhole(target);
  });

  // A container begins to number its processes anew each time, and may be given another name.
  test("is told from what is being written by no number and no host", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const host = os.hostname().replaceAll(/[/.-]/g, "_");
    const numbers = Array.from({ length: 200 }, (_, i) => `.out.mp4.${host}-${process.pid}-${i}.part`);
    for (const name of [...numbers, ".out.mp4.elsewhere-1-0.part"]) writeFileSync(path.join(folder, name), "");
    await exportTo(target);
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
  });

  test("by exports to other targets stays", async () => {
    const folder = temporaryFolder();
    const others = [".out.mp4.x.host-1-0.part", ".other.mp4.host-1-0.part", ".out.mp4.part", "out.mp4.host-1-0.part"];
    for (const name of others) writeFileSync(path.join(folder, name), "");
    await exportTo(path.join(folder, "out.mp4"));
    assert.deepEqual(namesIn(folder), [...others, "out.mp4"].sort());
  });

  test("while another process still writes, its file stays and becomes whole", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const { env, reached, release } = holding({ call: "pwrite", on: ".part", nth: 2 });
    const program = startExport(target, { env });
    await reached();
    await exportTo(target);
    assert.equal(namesIn(folder).length, 2);
    release();
    const { report } = await program.end();
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
    assert.equal(statSync(target).size, report.output.bytes);
    await assertWhole(target);
  });
});

describe("several exports to one target at once", () => {
  test("all resolve, and the file is one of them, whole", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const here = Array.from({ length: 3 }, () =>
      exportVideo(small.config, { mediaBasePath: small.base, output: target }),
    );
    const there = [startExport(target), startExport(target)];
    await Promise.all(here);
    for (const program of there) assert.ok((await program.end()).report);
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
    await assertWhole(target);
  });

  test("with overwrite: false one resolves", async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "out.mp4");
    const ends = await Promise.allSettled(Array.from({ length: 6 }, () => exportTo(target, { overwrite: false })));
    const failed = ends.filter(({ status }) => status === "rejected");
    assert.equal(failed.length, 5);
    for (const { reason } of failed) isFailure("EEXIST")(reason);
    assert.deepEqual(namesIn(folder), ["out.mp4"]);
    await assertWhole(target, shortEdit);
  });
});
