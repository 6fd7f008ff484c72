// Nothing that lies in a media base makes the processor read or write outside it, keeps it, or keeps other jobs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { namesIn, small, temporaryFolder } from "../binding/support/footage.js";
import { withoutLeakCheck } from "../binding/support/programs.js";
import { makeBase } from "./support/bases.js";
import { assertCompleted, overOf } from "./support/checks.js";
import { short } from "./support/mid_render.js";
import { startProcessor } from "./support/processors.js";

const noStrace = spawnSync("strace", ["-V"]).status !== 0 && "no strace to see it by";
const pending = (id) => JSON.stringify({ jobId: id, status: "pending" });

/** A folder that nothing may be read from or written to. */
function makeOutside(base) {
  const folder = temporaryFolder();
  const secret = path.join(folder, "secret.mp4");
  copyFileSync(small.sources[0], secret);
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(short(base, "stolen")));
  writeFileSync(path.join(folder, "status.json"), pending("stolen"));
  const texts = () => ["config.json", "status.json"].map((name) => readFileSync(path.join(folder, name), "utf8"));
  return { folder, secret, texts };
}

/** Jobs that lead outside, by their ids; each makes itself in the base. */
function trickyJobs(base, outside) {
  const inFolder = (id, name) => path.join(base.jobFolder(id), name);
  const submitWith = (change) => (id) => {
    const config = short(base, id);
    change(config);
    base.submit(id, config);
  };
  const replaceByLink = (name) => (id) => {
    base.submit(id, short(base, id));
    rmSync(inFolder(id, name));
    symlinkSync(path.join(outside.folder, name), inFolder(id, name));
  };
  const readingFrom = (filePath) => submitWith((config) => (config.sources[0].filePath = filePath));
  const writingTo = (filePath) => submitWith((config) => (config.output.filePath = filePath));
  symlinkSync(outside.secret, path.join(base.folder, "sources", "link.mp4"));
  symlinkSync(outside.folder, path.join(base.folder, "exports", "linked"));
  return {
    "reads-above": readingFrom(path.join("..", "..", path.relative(path.dirname(base.folder), outside.secret))),
    "reads-absolute": readingFrom(outside.secret),
    "reads-by-link": readingFrom("link.mp4"),
    "writes-absolute": writingTo(path.join(outside.folder, "out.mp4")),
    "writes-by-link": writingTo("exports/linked/out.mp4"),
    "config-is-link": replaceByLink("config.json"),
    "status-is-link": replaceByLink("status.json"),
    "config-is-pipe": (id) => {
      base.submit(id, short(base, id));
      rmSync(inFolder(id, "config.json"));
      assert.equal(spawnSync("mkfifo", [inFolder(id, "config.json")]).status, 0);
    },
  };
}

const name = "whatever lies in a base, nothing outside it is opened, made, renamed or removed, and other jobs are done";

test(name, { skip: noStrace }, async () => {
  const base = makeBase();
  const outside = makeOutside(base);
  const before = outside.texts();
  const jobs = trickyJobs(base, outside);
  for (const [id, make] of Object.entries(jobs)) make(id);
  // No ids.
  for (const id of [".hidden", "with space", "new\nline", "x".repeat(200)]) {
    mkdirSync(base.jobFolder(id));
    linkSync(path.join(outside.folder, "config.json"), path.join(base.jobFolder(id), "config.json"));
    writeFileSync(path.join(base.jobFolder(id), "status.json"), pending(id));
  }
  const good = short(base, "good");
  base.submit("good", good);

  const trace = path.join(temporaryFolder(), "trace");
  const calls = "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat";
  const wrap = ["strace", "-f", "-qq", "-y", "-e", `trace=${calls},mkdir,mkdirat,connect`, "-o", trace];
  const processor = startProcessor(base, [], { wrap, env: withoutLeakCheck });
  for (const id of Object.keys(jobs)) {
    const { status, code } = await overOf(base, id);
    assert.deepEqual([id, status, code], [id, "failed", "ERR_BAD_ARGS"]);
  }
  await assertCompleted(base, "good", good);
  // strace ends as what it runs does.
  spawnSync("pkill", ["-TERM", "-P", String(processor.pid)]);
  await processor.exit();

  assert.deepEqual(outside.texts(), before);
  assert.deepEqual(namesIn(outside.folder), ["config.json", "secret.mp4", "status.json"]);
  const seen = readFileSync(trace, "utf8").split("\n");
  assert.ok(seen.some((call) => call.includes(base.jobFolder("good"))), "the trace shows what is opened");
  const isOutside = (call) => [`<${outside.folder}`, `"${outside.folder}`, "AF_INET"].some((text) => call.includes(text));
  assert.deepEqual(seen.filter(isOutside), []);
});
