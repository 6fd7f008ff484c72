// Nothing that a config can say leads out of the allowed roots, takes the process down, or takes it long.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportVideo, planExport } from "@opencut/libav";
import { loadNative } from "../../lib/native.js";
import { namesIn, shortEdit, small, temporaryFolder } from "./support/footage.js";
import { holding, run, start, withoutLeakCheck } from "./support/programs.js";

const supportFile = (name) => fileURLToPath(new URL(`support/${name}`, import.meta.url));
const noStrace = spawnSync("strace", ["-V"]).status !== 0 && "no strace to see it by";

/** A media base, and a folder beside it that nothing may be read from or written to. */
function baseAndOutside() {
  const folder = temporaryFolder();
  const [base, outside] = ["base", "outside"].map((name) => path.join(folder, name));
  const sources = path.join(base, "sources");
  const exports = path.join(base, "exports");
  for (const made of [base, outside, sources, exports]) mkdirSync(made);
  const secret = path.join(outside, "secret.mp4");
  copyFileSync(small.sources[0], secret);
  copyFileSync(small.sources[0], path.join(sources, "cam1.mp4"));
  return { base, outside, sources, exports, secret, options: { mediaBasePath: base, allowedRoots: [base] } };
}

const reading = (filePath) => ({ ...shortEdit, sources: [{ id: "x", name: "x", filePath }] });
const writing = (filePath) => ({ ...reading("cam1.mp4"), output: { ...shortEdit.output, filePath } });

describe("paths that would lead out of the media base", () => {
  const place = baseAndOutside();
  const { base, outside, sources, exports, secret, options } = place;
  symlinkSync(secret, path.join(sources, "link.mp4"));
  symlinkSync("link.mp4", path.join(sources, "chain.mp4"));
  symlinkSync("../../outside/secret.mp4", path.join(sources, "relative.mp4"));
  symlinkSync(outside, path.join(sources, "linked"));
  symlinkSync(outside, path.join(exports, "linked"));
  symlinkSync("/", path.join(sources, "root"));
  symlinkSync("/proc/self/root", path.join(sources, "proc"));

  const nowhere = ["ERR_PROBE", null];
  const refusedSource = ["ERR_BAD_ARGS", "sources[0].filePath"];
  const fromSources = {
    "../../outside/secret.mp4": refusedSource,
    "a/b/../../../../outside/secret.mp4": refusedSource,
    "..": refusedSource,
    [secret]: refusedSource,
    [`${base}/../outside/secret.mp4`]: refusedSource,
    [`/proc/self/root${secret}`]: refusedSource,
    "/dev/stdin": refusedSource,
    "/etc/passwd": refusedSource,
    "link.mp4": refusedSource,
    "chain.mp4": refusedSource,
    "relative.mp4": refusedSource,
    "linked/secret.mp4": refusedSource,
    [`root${secret}`]: refusedSource,
    [`proc${secret}`]: refusedSource,
    "cam1.mp4\0": refusedSource,
    [`cam1.mp4\0${secret}`]: refusedSource,
    [`${"a/".repeat(3000)}cam1.mp4`]: refusedSource,
    [`file://${secret}`]: refusedSource,
    // A file of this name might be there; it is not what the encoding stands for.
    "%2e%2e/%2e%2e/outside/secret.mp4": nowhere,
    "..%2f..%2foutside%2fsecret.mp4": nowhere,
    "%252e%252e/secret.mp4": nowhere,
    "..\\..\\outside\\secret.mp4": nowhere,
    "\u2025/\u2025/outside/secret.mp4": nowhere,
    "\uff0e\uff0e/secret.mp4": nowhere,
    [`concat:${secret}`.replaceAll("/", "|")]: nowhere,
    "subfile,,start,0,end,0,,:cam1.mp4": nowhere,
  };
  const refusedOutput = ["ERR_BAD_ARGS", "output.filePath"];
  const toOutputs = {
    "../outside/out.mp4": refusedOutput,
    "exports/../../outside/out.mp4": refusedOutput,
    [path.join(outside, "out.mp4")]: refusedOutput,
    [secret]: refusedOutput,
    "exports/linked/out.mp4": refusedOutput,
    "exports/linked/secret.mp4": refusedOutput,
    "sources/proc/tmp/out.mp4": refusedOutput,
    "exports/out.mp4\0.mp4": refusedOutput,
    [`exports/${"a/".repeat(3000)}out.mp4`]: refusedOutput,
    "http://127.0.0.1:1/out.mp4": refusedOutput,
    "exports/%2e%2e/out.mp4": ["ERR_FS", null],
    "exports/": ["ERR_FS", null],
  };
  const requests = [
    ...Object.entries(fromSources).map(([name, end]) => ({
      name,
      config: reading(name),
      options,
      ends: { plan: end, export: end },
    })),
    ...Object.entries(toOutputs).map(([name, end]) => ({
      name,
      config: writing(name),
      options,
      // A plan writes nothing, and does not ask whether it could.
      ends: { plan: end[0] === "ERR_FS" ? "resolved" : end, export: end },
    })),
    ...[secret, path.join(sources, "link.mp4"), path.join(sources, "linked", "secret.mp4")].map((name) => ({
      name,
      input: name,
      options: { allowedRoots: [base] },
      ends: { probe: ["ERR_BAD_ARGS", "input"] },
    })),
  ];

  test("are refused, each with its code", async () => {
    const program = [supportFile("plan_all.js"), JSON.stringify(requests)];
    const { stdout, stderr } = await run(program);
    const ends = JSON.parse(stdout || `"${stderr}"`);
    requests.forEach(({ name, ends: expected }, i) => assert.deepEqual(ends[i], expected, name));
    assert.deepEqual(namesIn(outside), ["secret.mp4"]);
    assert.deepEqual(namesIn(exports), ["linked"]);
  });

  test("and nothing outside is opened, made, renamed or removed", { skip: noStrace }, async () => {
    const trace = path.join(temporaryFolder(), "trace");
    const calls = "trace=open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,connect,execve";
    const wrap = ["strace", "-f", "-qq", "-y", "-e", calls, "-o", trace];
    const program = [supportFile("plan_all.js"), JSON.stringify(requests)];
    const { stdout, stderr } = await run(program, { wrap, env: withoutLeakCheck });
    assert.equal(JSON.parse(stdout || `"${stderr}"`).length, requests.length);
    const seen = readFileSync(trace, "utf8").split("\n");
    const cam = path.join(sources, "cam1.mp4");
    assert.ok(seen.some((call) => call.includes(`<${cam}>`)), "the trace shows what is opened");
    assert.deepEqual(
      seen.filter((call) => call.includes(outside) || call.includes("/etc/passwd") || /AF_INET/.test(call)),
      [],
    );
  });
});

describe("names that are swapped after they were checked", () => {
  /** Exports while, at the first `open` of `on`, `swap` happens; the end. */
  async function exportWhile(swap, held, { config, options }) {
    const { env, reached, release } = holding(held);
    const program = start([supportFile("plain_export.js"), JSON.stringify({ config, options })], { env });
    await reached();
    swap();
    release();
    const { code, stdout, stderr } = await program.exit();
    assert.deepEqual([code, stderr], [0, ""]);
    return JSON.parse(stdout.trim().split("\n").at(-1));
  }
  const swapped = (name, leadsTo) => {
    renameSync(name, `${name}.away`);
    symlinkSync(leadsTo, name);
  };
  const assertRefused = ({ error }, jsonPath) =>
    assert.deepEqual([error?.code, error?.context.jsonPath], ["ERR_BAD_ARGS", jsonPath], JSON.stringify(error));

  test("a source", async () => {
    const { sources, secret, exports, options } = baseAndOutside();
    const cam = path.join(sources, "cam1.mp4");
    const request = { config: writing("exports/out.mp4"), options };
    const end = await exportWhile(() => swapped(cam, secret), { call: "open", on: "/sources/cam1.mp4" }, request);
    assertRefused(end, "sources[0].filePath");
    assert.deepEqual(namesIn(exports), []);
  });

  test("a folder above a source", async () => {
    const { sources, outside, exports, options } = baseAndOutside();
    copyFileSync(path.join(sources, "cam1.mp4"), path.join(outside, "cam1.mp4"));
    const request = { config: writing("exports/out.mp4"), options };
    const end = await exportWhile(() => swapped(sources, outside), { call: "open", on: "/sources/cam1.mp4" }, request);
    assertRefused(end, "sources[0].filePath");
    assert.deepEqual(namesIn(exports), []);
  });

  test("the output's folder", async () => {
    const { outside, exports, options } = baseAndOutside();
    const request = { config: writing("exports/out.mp4"), options };
    const end = await exportWhile(() => swapped(exports, outside), { call: "open", on: exports }, request);
    assertRefused(end, "output.filePath");
    assert.deepEqual(namesIn(outside), ["secret.mp4"]);
    assert.deepEqual(namesIn(`${exports}.away`), []);
  });

  for (const [name, held] of Object.entries({
    "while it is written to": { call: "pwrite", on: ".part" },
    "before the rename": { call: "rename", on: ".part" },
  })) {
    test(`the output's folder, ${name}: the file stays where it is made`, async () => {
      const { outside, exports, options } = baseAndOutside();
      const request = { config: writing("exports/out.mp4"), options: { ...options, verify: "off" } };
      const end = await exportWhile(() => swapped(exports, outside), held, request);
      assert.ok(end.report, JSON.stringify(end));
      assert.deepEqual(namesIn(outside), ["secret.mp4"]);
      assert.deepEqual(namesIn(`${exports}.away`), ["out.mp4"]);
    });
  }

  test("the output's folder, before the file is checked: what is read is not what lies outside", async () => {
    const { outside, exports, options } = baseAndOutside();
    const request = { config: writing("exports/out.mp4"), options };
    const held = { call: "fsync", on: ".part" };
    const plant = () => {
      // Known by then, so that it can be laid ready outside.
      const [part] = readdirSync(exports);
      copyFileSync(small.sources[0], path.join(outside, part));
      swapped(exports, outside);
    };
    const end = await exportWhile(plant, held, request);
    assert.equal(end.error?.code, "ERR_VERIFY", JSON.stringify(end));
    assert.match(end.error.message, /outside the allowed roots/);
    assert.equal(readdirSync(outside).length, 2);
    assert.deepEqual(namesIn(`${exports}.away`), []);
  });
});

describe("links that lie where an output is made", () => {
  test("and lead nowhere yet are themselves replaced", async () => {
    const { outside, exports, options } = baseAndOutside();
    symlinkSync(path.join(outside, "new.mp4"), path.join(exports, "out.mp4"));
    await exportVideo(writing("exports/out.mp4"), options);
    assert.ok(lstatSync(path.join(exports, "out.mp4")).isFile());
    assert.deepEqual(namesIn(outside), ["secret.mp4"]);
  });

  test("under the name of its part are not followed", async () => {
    const { outside, exports, options } = baseAndOutside();
    const { env } = holding({ call: "pwrite", on: "never" });
    const config = writing("exports/out.mp4");
    // Whatever number the next part has, it is taken.
    const program = `
      import { symlinkSync } from "node:fs";
      import os from "node:os";
      import { exportVideo } from "@opencut/libav";
      const host = os.hostname().replaceAll(/[/.-]/g, "_");
      for (let i = 0; i < 5; i++) {
        symlinkSync(${JSON.stringify(path.join(outside, "planted"))}, \`${exports}/.out.mp4.\${host}-\${process.pid}-\${i}.part\`);
      }
      await exportVideo(${JSON.stringify(config)}, ${JSON.stringify(options)});`;
    const { code, stderr } = await run(program, { env });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(!existsSync(path.join(outside, "planted")));
    assert.ok(namesIn(exports).includes("out.mp4"));
  });
});

describe("configs that are too deep or too large", () => {
  const nested = (open, close, depth) => open.repeat(depth) + "1" + close.repeat(depth);
  const depth = 500_000;

  test("as JSON for the addon end in a typed error", async () => {
    const native = loadNative();
    for (const text of [
      nested("[", "]", depth),
      nested('{"a":', "}", depth),
      "[".repeat(depth),
      `{"config":${nested('{"sources":', "}", depth)},"options":{}}`,
      `{"config":{"version":1,"id":${nested("[", "]", depth)}},"options":{}}`,
    ]) {
      for (const kind of ["probe", "plan", "export"]) {
        const failure = await native.start(kind, text).done.catch((error) => error);
        assert.equal(JSON.parse(failure.details).code, "ERR_BAD_ARGS", failure.message.slice(0, 200));
        assert.ok(failure.message.length < 1000);
      }
    }
  });

  test("as objects end in a typed error", async () => {
    const deep = JSON.parse(nested('{"sources":', "}", 5000));
    const deepArray = JSON.parse(nested("[", "]", 5000));
    for (const config of [deep, { ...shortEdit, sources: deepArray }, { ...shortEdit, segments: [deepArray] }]) {
      await assert.rejects(planExport(config), { code: "ERR_BAD_ARGS" });
    }
  });

  test("as a file for the command line end in a typed error", async () => {
    const file = path.join(temporaryFolder(), "config.json");
    for (const text of [nested("[", "]", depth), nested('{"sources":', "}", depth), `"${"x".repeat(1 << 24)}"`]) {
      writeFileSync(file, text);
      const { code, stdout } = await run([fileURLToPath(new URL("../../lib/cli/main.js", import.meta.url)), "plan", file, "--json"]);
      assert.equal(code, 2);
      assert.equal(JSON.parse(stdout).code, "ERR_BAD_ARGS");
      assert.ok(stdout.length < 10_000);
    }
  });

  test("with a path of megabytes, or a name, are refused or taken at once", async () => {
    const long = "a/".repeat(4 << 20);
    const begunAt = performance.now();
    for (const [config, jsonPath] of [
      [reading(long), "sources[0].filePath"],
      [writing(long), "output.filePath"],
    ]) {
      const error = await planExport(config, { mediaBasePath: small.base }).catch((failure) => failure);
      assert.deepEqual([error.code, error.context.jsonPath], ["ERR_BAD_ARGS", jsonPath]);
      assert.ok(JSON.stringify(error).length < 1000);
    }
    await planExport({ ...shortEdit, projectName: long }, { mediaBasePath: small.base });
    // Far more than it takes on an idle machine, so that a busy one does not fail.
    assert.ok(performance.now() - begunAt < 10_000);
  });

  test("with very many segments and sources are rendered like others", async () => {
    const output = path.join(temporaryFolder(), "out.mp4");
    const count = 2000;
    const sources = Array.from({ length: count }, () => small.config.sources[0]);
    const segments = Array.from({ length: count }, (_, i) => ({ sourceIndex: i, startTime: 1, endTime: 1.0001 }));
    const config = { ...shortEdit, sources, segments: [...segments, { sourceIndex: 0, startTime: 1, endTime: 2 }] };
    const report = await exportVideo(config, { mediaBasePath: small.base, output });
    assert.ok(report.output.bytes > 1000);
    rmSync(output);
  });
});
