// Sources that are not what they should be, or not where they may be: one typed error, nothing written, nothing else
// opened.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportVideo, isMediaError, planExport, probe } from "@opencut/libav";
import { randomNumbers } from "../fixtures/multicam-edit.mjs";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { attempt } from "../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../support/media.mjs";
import { editOf, large, namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { holding, run, start, withoutLeakCheck } from "./support/programs.js";

const supportFile = (name) => fileURLToPath(new URL(`support/${name}`, import.meta.url));
const modes = ["copy", "hybrid", "reencode"];

/** An edit whose only source is `file`. */
const editFrom = (file, segments = [{ startTime: 0, endTime: 1 }]) => ({
  ...editOf(small, segments),
  sources: [{ id: "one", name: "One", filePath: file }],
});

/** The failure of an export of `file`; its output's folder must be empty afterwards. */
async function failureOf(file, options) {
  const folder = temporaryFolder();
  const error = await exportVideo(editFrom(file), { output: path.join(folder, "out.mp4"), ...options }).then(
    () => assert.fail(`${file} was exported`),
    (failure) => failure,
  );
  assert.deepEqual(namesIn(folder), []);
  return error;
}

/** Exports `file` as it is; the end is either a file that plays or a typed error, and nothing else is left. */
async function endsWell(file, options) {
  const folder = temporaryFolder();
  const output = path.join(folder, "out.mp4");
  try {
    await exportVideo(editFrom(file), { output, ...options });
  } catch (error) {
    assert.ok(isMediaError(error), error.stack);
    assert.deepEqual(namesIn(folder), []);
    return error.code;
  }
  assert.deepEqual(namesIn(folder), ["out.mp4"]);
  const { code, log } = await attempt("ffmpeg", ["-v", "error", "-i", output, "-c", "copy", "-f", "null", "-"]);
  assert.equal(code, 0, log);
  rmSync(folder, { recursive: true });
  return "resolved";
}

describe("a source that cannot be opened", () => {
  const cases = {
    "is not there": () => path.join(temporaryFolder(), "missing.mp4"),
    "is a folder": () => temporaryFolder(),
    "is a named pipe that nobody writes to": () => {
      const pipe = path.join(temporaryFolder(), "pipe.mp4");
      assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
      return pipe;
    },
    "is a device": () => "/dev/zero",
    "is empty": () => {
      const file = path.join(temporaryFolder(), "empty.mp4");
      writeFileSync(file, "");
      return file;
    },
    "is a text": () => fileURLToPath(import.meta.url),
    "is a link to itself": () => {
      const link = path.join(temporaryFolder(), "loop.mp4");
      symlinkSync(link, link);
      return link;
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    test(`because it ${name} is ERR_PROBE and named`, async () => {
      const file = make();
      const error = await failureOf(file);
      assert.deepEqual([error.code, error.phase, error.retryable], ["ERR_PROBE", "planning", false], error.message);
      assert.equal(error.context.path, file);
      assert.equal(error.context.source, 0);
      assert.ok(error.message.includes(file), error.message);
      await assert.rejects(probe(file), { code: "ERR_PROBE" });
      await assert.rejects(planExport(editFrom(file)), { code: "ERR_PROBE" });
    });
  }

  test("counts only when a segment uses it", async () => {
    const target = path.join(temporaryFolder(), "out.mp4");
    const sources = [small.config.sources[0], { id: "x", name: "X", filePath: "missing.mp4" }];
    await exportVideo({ ...shortEdit, sources }, { mediaBasePath: small.base, output: target });
  });
});

describe("damaged files end in a typed error or a file that plays", () => {
  const damaged = [
    "broken-corrupted-h264.mp4",
    "broken-no-moov.mp4",
    "broken-truncated-no-mdat.mp4",
    "fuzz-bad-timescale.mp4",
    "wrong-extension-m4a-10ms.wav",
    "zero-length.webm",
  ];
  for (const name of damaged) {
    const file = mediaFile(name);
    test(name, { skip: !file && noMedia }, async () => {
      for (const mode of modes) await endsWell(file, { mode });
    });
  }

  test("MP4 and MKV cut off anywhere", async () => {
    const mkv = await makeMulticam({ cameras: 1, seconds: 2, container: "mkv" });
    const ends = {};
    for (const original of [small.sources[0], mkv.sources[0]]) {
      const bytes = readFileSync(original);
      const file = path.join(temporaryFolder(), path.basename(original));
      for (const share of [0.001, 0.02, 0.3, 0.6, 0.999]) {
        writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * share)));
        (ends[path.extname(file)] ??= []).push(await endsWell(file));
      }
    }
    // MP4 says in front how much there must be; MKV plays as far as it goes.
    assert.deepEqual(new Set(ends[".mp4"]), new Set(["ERR_PROBE"]));
    assert.equal(ends[".mkv"].at(-1), "resolved");
  });

  test("MP4 with bytes changed anywhere, in its header above all", async () => {
    const random = randomNumbers(7);
    const bytes = readFileSync(small.sources[0]);
    const file = path.join(temporaryFolder(), "changed.mp4");
    const ends = new Set();
    for (let i = 0; i < 60; i++) {
      const changed = Buffer.from(bytes);
      const region = i % 3 === 0 ? bytes.length : 8000;
      for (let k = 0; k < 1 + 8 * random(); k++) changed[Math.floor(random() * region)] = Math.floor(random() * 256);
      writeFileSync(file, changed);
      ends.add(await endsWell(file, { mode: modes[i % 2] }));
    }
    assert.ok(ends.has("resolved") && ends.has("ERR_PROBE"), [...ends].join());
  });
});

describe("a source that changes in mid-export", () => {
  /** Exports a copy of `set`'s first camera, to which `change` happens once writing has begun. */
  async function exportWhile(change, set, options) {
    const folder = temporaryFolder();
    const file = path.join(temporaryFolder(), path.basename(set.sources[0]));
    copyFileSync(set.sources[0], file);
    const output = path.join(folder, "out.mp4");
    const { env, reached, release } = holding({ call: "pwrite", on: ".part" });
    const request = { config: editFrom(file, [{ startTime: 0.2, endTime: 2.8 }]), options: { output, ...options } };
    const program = start([supportFile("plain_export.js"), JSON.stringify(request)], { env });
    await reached();
    change(file);
    release();
    const { code, stdout, stderr } = await program.exit();
    assert.deepEqual([code, stderr], [0, ""]);
    return { end: JSON.parse(stdout.trim().split("\n").at(-1)), file, left: namesIn(folder) };
  }

  for (const mode of modes) {
    test(`and is cut short, in mode ${mode}: ERR_PROBE, and no file that stops early`, async () => {
      const { end, file, left } = await exportWhile((name) => truncateSync(name, 1_000_000), large, { mode });
      assert.equal(end.error?.code, "ERR_PROBE", JSON.stringify(end));
      assert.equal(end.error.phase, "rendering");
      assert.equal(end.error.context.path, file);
      assert.deepEqual(left, []);
    });
  }

  test("and is deleted is still there for the job", async () => {
    const { end, left } = await exportWhile((name) => rmSync(name), large, { mode: "hybrid" });
    assert.ok(end.report, JSON.stringify(end));
    assert.deepEqual(left, ["out.mp4"]);
  });

  test("in a container without an index, and is cut short", async () => {
    const mkv = await makeMulticam({ ...large.options, container: "mkv" });
    const { end, left } = await exportWhile((name) => truncateSync(name, 1_000_000), mkv);
    assert.equal(end.error?.code, "ERR_PROBE", JSON.stringify(end));
    assert.deepEqual(left, []);
  });
});

describe("paths", () => {
  const refused = (jsonPath) => (error) => {
    assert.deepEqual([error.code, error.context?.jsonPath], ["ERR_BAD_ARGS", jsonPath], error.message);
    return true;
  };
  const output = path.join(temporaryFolder(), "out.mp4");

  test("with a NUL character are refused by name", async () => {
    const nul = "/tmp/a\0b.mp4";
    const target = { ...shortEdit, output: { ...shortEdit.output, filePath: nul } };
    await assert.rejects(exportVideo(editFrom(nul), { output }), refused("sources[0].filePath"));
    await assert.rejects(exportVideo(target), refused("output.filePath"));
    await assert.rejects(exportVideo(shortEdit, { output: nul }), refused("options.output"));
    await assert.rejects(exportVideo(shortEdit, { mediaBasePath: "/tmp\0" }), refused("options.mediaBasePath"));
    await assert.rejects(probe("/tmp/a.mp4", { allowedRoots: ["/tmp\0"] }), refused("options.allowedRoots"));
    await assert.rejects(probe(nul), refused("input"));
  });

  test("that leave the media base are refused; those that only look like it are not", async () => {
    for (const leaving of ["../cam1.mp4", "a/../../cam1.mp4", "../sources2/cam1.mp4", "..", "./.././x"]) {
      await assert.rejects(
        planExport(editFrom(leaving), { mediaBasePath: small.base }),
        refused("sources[0].filePath"),
      );
      const target = { ...shortEdit, output: { ...shortEdit.output, filePath: leaving } };
      await assert.rejects(planExport(target, { mediaBasePath: small.base }), refused("output.filePath"));
    }
    await planExport(editFrom("a/../cam1.mp4"), { mediaBasePath: small.base });
  });

  test("that are URLs are refused", async () => {
    for (const url of ["http://127.0.0.1:1/a.mp4", "file:///etc/passwd", "concat://a"]) {
      await assert.rejects(exportVideo(editFrom(url), { output }), refused("sources[0].filePath"));
      await assert.rejects(probe(url), refused("input"));
    }
  });

  test("outside allowedRoots are refused, whatever leads there", async () => {
    const root = temporaryFolder();
    const outside = temporaryFolder();
    mkdirSync(path.join(root, "sources"));
    copyFileSync(small.sources[0], path.join(root, "sources", "cam1.mp4"));
    const secret = path.join(outside, "secret.mp4");
    copyFileSync(small.sources[0], secret);
    symlinkSync(secret, path.join(root, "sources", "link.mp4"));
    symlinkSync(outside, path.join(root, "linked"));
    mkdirSync(`${root}-beside`);
    const inside = { mediaBasePath: root, output: path.join(root, "out.mp4"), allowedRoots: [root] };

    for (const file of [secret, "link.mp4", path.join(root, "linked", "secret.mp4"), path.join(root, "..", "x.mp4")]) {
      await assert.rejects(exportVideo(editFrom(file), inside), refused("sources[0].filePath"));
    }
    for (const target of [
      path.join(outside, "out.mp4"),
      path.join(root, "linked", "out.mp4"),
      path.join(`${root}-beside`, "out.mp4"),
    ]) {
      await assert.rejects(exportVideo(editFrom("cam1.mp4"), { ...inside, output: target }), refused("options.output"));
    }
    await assert.rejects(probe(secret, { allowedRoots: [root] }), refused("input"));
    assert.deepEqual(namesIn(outside), ["secret.mp4"]);
    rmSync(`${root}-beside`, { recursive: true });

    await exportVideo(editFrom("cam1.mp4"), inside);
    // A root may itself be given by a link.
    await exportVideo(editFrom(secret), { ...inside, allowedRoots: [root, path.join(root, "linked")] });
  });
});

describe("a source that names other files", () => {
  const playlists = (secret) => ({
    "list.mp4": `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n${secret}\n#EXT-X-ENDLIST\n`,
    "list.m3u8": `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
    "key.m3u8": `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:METHOD=AES-128,URI="${secret}"\n#EXTINF:6,\n${secret}\n`,
    "list.ffconcat": `ffconcat version 1.0\nfile '${secret}'\n`,
    "concat.mp4": `ffconcat version 1.0\nfile ${path.basename(secret)}\n`,
    "manifest.mpd":
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT6S" ` +
      `type="static"><Period><AdaptationSet><Representation id="0" mimeType="video/mp4">` +
      `<BaseURL>${secret}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    "stream.sdp": `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n`,
    "meta.mp4": `;FFMETADATA1\ntitle=${secret}\n`,
    "image%d.png": "",
    "sub.idx": `# VobSub index file, v7\nsize: 720x576\ntimestamp: 00:00:01:000, filepos: 000000000\n`,
    "list.xspf": `<?xml version="1.0"?><playlist><trackList><track><location>${secret}</location></track></trackList>`,
  });
  const noStrace = spawnSync("strace", ["-V"]).status !== 0 && "no strace to see it by";

  test("is refused, and nothing else is opened or connected to", { skip: noStrace }, async () => {
    const folder = temporaryFolder();
    const secret = path.join(folder, "secret.mp4");
    copyFileSync(small.sources[0], secret);
    for (const name of ["image1.png", "sub.sub"]) copyFileSync(secret, path.join(folder, `${name}`));
    const files = Object.entries(playlists(secret)).map(([name, text]) => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    });
    // Names that libav's command line would take for more than names.
    for (const name of ["concat:secret.mp4|secret.mp4", "subfile,,start,0,end,0,,:secret.mp4", "pipe:0", "data:,x"]) {
      files.push(path.join(folder, name));
    }
    const trace = path.join(folder, "trace");
    const wrap = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,connect,execve", "-o", trace];
    const program = [supportFile("open_all.js"), path.join(temporaryFolder(), "out.mp4"), ...files];
    // The leak check does not work in a process that is traced.
    const { stdout, stderr } = await run(program, { wrap, env: withoutLeakCheck });
    const codes = JSON.parse(stdout || `"${stderr}"`);
    for (const code of Object.values(codes).flat()) assert.match(code, /^ERR_(PROBE|PLAN_UNSUPPORTED)$/, stdout);
    const calls = readFileSync(trace, "utf8").split("\n");
    const opened = calls.filter((call) => call.includes(folder)).map((call) => /"([^"]*)"/.exec(call)?.[1] ?? "");
    assert.ok(opened.includes(files[0]), "the trace shows what is opened");
    const others = opened.filter((name) => !files.includes(name) && name !== folder);
    assert.deepEqual(others, []);
    assert.deepEqual(
      calls.filter((call) => /connect\(/.test(call) && /AF_INET/.test(call)),
      [],
    );
  });
});
