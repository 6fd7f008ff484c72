// Jobs as the web app submits them, and what it sees of them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createProcessor, processExportJob } from "@opencut/libav/processor";
import { small, temporaryFolder } from "../binding/support/footage.js";
import { start } from "../binding/support/programs.js";
import { makeBase } from "./support/bases.js";
import { assertCompleted, assertNothingLeft, overOf } from "./support/checks.js";
import { isRendering, long, short, slowly } from "./support/mid_render.js";
import { startProcessor, until } from "./support/processors.js";
import { watchJob } from "./support/witness.js";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const slowRender = { mode: "reencode", video: { preset: "superfast" } };

/** A processor of this process. */
const processorOf = (base, options) =>
  createProcessor({ mediaBasePath: base.folder, pollIntervalMs: 50, leaseMs: 2000, logger: quiet, ...options });

describe("a job", () => {
  const base = makeBase();
  // Before there is a processor, so that it is seen pending.
  const ordinary = base.configOf(small, "ordinary");
  base.submit("ordinary", ordinary);
  const witness = watchJob(base, "ordinary");
  const processor = startProcessor(base, ["--concurrency", "2"]);
  before(() => processor.started());
  after(async () => assert.equal((await processor.stop()).code, 0));

  test("is rendered exactly, and its status is whole and rising at every moment", async () => {
    await assertCompleted(base, "ordinary", ordinary);
    assert.deepEqual(witness.end(), []);
    const words = [...new Set(witness.statuses.map(({ status }) => status))];
    assert.deepEqual(words, ["pending", "processing", "completed"]);
  });

  test("is done again when its status is pending again", async () => {
    const first = readFileSync(base.output("ordinary"));
    base.setStatus("ordinary", JSON.stringify({ jobId: "ordinary", status: "pending" }));
    await until(() => processor.said("job completed", "ordinary").length === 2, "it was done twice");
    await assertCompleted(base, "ordinary", base.configOf(small, "ordinary"));
    assert.ok(first.equals(readFileSync(base.output("ordinary"))));
  });

  test("whose folder is removed and submitted anew is another one", async () => {
    rmSync(base.jobFolder("ordinary"), { recursive: true });
    const config = short(base, "ordinary");
    base.submit("ordinary", config);
    await assertCompleted(base, "ordinary", config);
  });

  const refused = {
    "a config that is no export config": ["{}", "ERR_BAD_ARGS"],
    "a config that is no object": ["[]", "ERR_BAD_ARGS"],
    "half a config": ['{"version": 1, "sources": [{', "ERR_BAD_ARGS"],
    "an empty config": ["", "ERR_BAD_ARGS"],
    "nesting without end": ["[".repeat(1_000_000), "ERR_BAD_ARGS"],
    "a huge config": [`{"id": "${"x".repeat(9 << 20)}"}`, "ERR_BAD_ARGS"],
  };
  for (const [name, [text, code]] of Object.entries(refused)) {
    test(`with ${name} fails with ${code}`, async () => {
      const id = name.replaceAll(" ", "-");
      base.submit(id, {});
      base.setStatus(id, "{}");
      writeFileSync(path.join(base.jobFolder(id), "config.json"), text);
      base.setStatus(id, JSON.stringify({ jobId: id, status: "pending" }));
      const status = await overOf(base, id);
      assert.deepEqual([status.status, status.code, status.jobId], ["failed", code, id]);
      assert.ok(status.error.length > 0);
    });
  }

  test("without a config fails", async () => {
    mkdirSync(base.jobFolder("bare"));
    base.setStatus("bare", JSON.stringify({ jobId: "bare", status: "pending" }));
    assert.equal((await overOf(base, "bare")).code, "ERR_BAD_ARGS");
  });

  test("whose config and status are written slowly is done when they are whole", async () => {
    const config = short(base, "slow");
    const text = JSON.stringify(config);
    mkdirSync(base.jobFolder("slow"));
    const file = path.join(base.jobFolder("slow"), "config.json");
    writeFileSync(file, text.slice(0, 100));
    base.setStatus("slow", '{"jobId": "slow", "sta');
    await sleep(300);
    base.setStatus("slow", '{"jobId": "slow", "status": "pending"}');
    await sleep(300);
    writeFileSync(file, text);
    await assertCompleted(base, "slow", config);
  });

  test("whose status stays half written fails", async () => {
    base.submit("half", short(base, "half"));
    base.setStatus("half", '{"jobId": "half", "sta');
    const status = await until(() => tryParse(path.join(base.jobFolder("half"), "status.json")), "it is whole");
    assert.deepEqual([status.status, status.code], ["failed", "ERR_BAD_ARGS"]);
  });

  test("that is not submitted, or has a status of somebody else's, is left alone", async () => {
    mkdirSync(base.jobFolder("unsubmitted"));
    writeFileSync(path.join(base.jobFolder("unsubmitted"), "config.json"), JSON.stringify(short(base, "unsubmitted")));
    base.submit("paused", short(base, "paused"));
    base.setStatus("paused", '{"jobId": "paused", "status": "paused"}');
    const config = short(base, "beside");
    base.submit("beside", config);
    await assertCompleted(base, "beside", config);
    assert.deepEqual(base.namesIn("unsubmitted"), ["config.json"]);
    assert.equal(base.statusOf("paused").status, "paused");
  });

  test("with a source that is not there fails at once, naming it", async () => {
    const config = short(base, "absent");
    config.sources = config.sources.map((source) => ({ ...source, filePath: "absent.mp4" }));
    base.submit("absent", config);
    const status = await overOf(base, "absent");
    assert.deepEqual([status.status, status.code], ["failed", "ERR_PROBE"]);
    assert.match(status.error, /absent\.mp4/);
    assert.equal(processor.said("attempt failed", "absent").length, 1);
  });

  const outside = temporaryFolder();
  const places = {
    "outside the base": path.join(outside, "output.mp4"),
    "above the base": "../output.mp4",
    "in another job's folder": "exports/ordinary/output.mp4",
    "among the sources": "sources/new.mp4",
    "in the processors' own folder": ".opencut/claims/output.mp4",
    "over its config": "exports/place/config.json",
    "behind a link": "exports/place/linked/output.mp4",
  };
  for (const [name, filePath] of Object.entries(places)) {
    test(`with an output ${name} is refused, and nothing is written there`, async () => {
      const config = short(base, "place");
      base.submit("place", { ...config, output: { ...config.output, filePath } });
      if (name === "behind a link") symlinkSync(outside, path.join(base.jobFolder("place"), "linked"));
      const status = await until(
        () => base.statusOf("place").status === "failed" && base.statusOf("place"),
        "it fails",
      );
      assert.equal(status.code, "ERR_BAD_ARGS", status.error);
      assert.deepEqual(readdirSync(outside), []);
      assert.ok(!existsSync(path.join(base.folder, "sources", "new.mp4")));
      rmSync(base.jobFolder("place"), { recursive: true });
    });
  }

  test("with an output deeper in its folder has it made", async () => {
    const config = short(base, "deep");
    const deep = { ...config, output: { ...config.output, filePath: "exports/deep/a/b/output.mp4" } };
    base.submit("deep", deep);
    assert.equal((await overOf(base, "deep")).status, "completed");
    assert.deepEqual(readdirSync(path.join(base.jobFolder("deep"), "a", "b")), ["output.mp4"]);
  });

  test("that is none is passed by: a link, a file, a name that no id has, a status that is a FIFO", async () => {
    const exports = path.join(base.folder, "exports");
    const elsewhere = path.join(temporaryFolder(), "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, "status.json"), '{"jobId": "link", "status": "pending"}');
    symlinkSync(elsewhere, path.join(exports, "link"));
    writeFileSync(path.join(exports, "file"), "");
    for (const id of [".hidden", "a b", "x".repeat(200), "per%2fcent"]) base.submit(id, short(base, id));
    mkdirSync(path.join(exports, "fifo"));
    execFileSync("mkfifo", [path.join(exports, "fifo", "status.json")]);
    const config = short(base, "behind");
    base.submit("behind", config);
    await assertCompleted(base, "behind", config);
    assert.deepEqual(readdirSync(elsewhere), ["status.json"]);
    for (const id of [".hidden", "a b", "x".repeat(200), "per%2fcent"])
      assert.equal(base.statusOf(id).status, "pending");
  });
});

function tryParse(file) {
  try {
    const status = JSON.parse(readFileSync(file, "utf8"));
    return status.status === "pending" ? null : status;
  } catch {
    return null;
  }
}

describe("jobs that wait", () => {
  test("are rendered oldest first, as many at once as there is room for", async () => {
    const base = makeBase();
    const ids = ["c", "a", "d", "b"];
    for (const id of ids) {
      base.submit(id, short(base, id));
      await sleep(15); // Their order is that of their files' times.
    }
    const processor = startProcessor(base, ["--concurrency", "1"]);
    for (const id of ids) await assertCompleted(base, id, short(base, id));
    await processor.stop();
    assert.deepEqual(
      processor.said("job claimed").map(({ job }) => job),
      ids,
    );
    assert.deepEqual(
      processor.said("job completed").map(({ job }) => job),
      ids,
    );
  });
});

describe("a status", () => {
  test("tells of progress that is real, at most once a second and at each change of state", async () => {
    const base = makeBase();
    const processor = startProcessor(base, slowly);
    await processor.started();
    const witness = watchJob(base, "a");
    base.submit("a", long(base, "a", 4));
    await overOf(base, "a");
    assert.deepEqual(witness.end(), []);
    await processor.stop();
    const seen = witness.statuses.filter(({ status }) => status === "processing");
    const messages = seen.filter(({ message }) => /^Rendering segment [1-4] of 4$/.test(message));
    assert.ok(messages.length >= 2, JSON.stringify(seen));
    // What is seen may be seen a little late.
    messages.slice(1).forEach(({ atMs }, i) => assert.ok(atMs - messages[i].atMs > 800, JSON.stringify(messages)));
  });
});

describe("a job that is cancelled in mid-render", () => {
  const ways = {
    "by removing its folder": (base) => rmSync(base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 }),
    "by renaming its folder away": (base) => renameSync(base.jobFolder("a"), temporaryFolder()),
    "by its status": (base) => base.setStatus("a", '{"jobId": "a", "status": "cancelled"}'),
  };
  for (const [name, cancel] of Object.entries(ways)) {
    test(`${name} is noticed within 500 ms, stops 200 ms later, and its place is free`, async () => {
      const base = makeBase();
      const processor = startProcessor(base, [...slowly, "--concurrency", "1"]);
      base.submit("a", long(base, "a", 40));
      await isRendering(base, "a");
      base.submit("b", short(base, "b"));
      const cancelledMs = performance.now();
      cancel(base);
      await processor.says("job cancelled", "a");
      const tookMs = performance.now() - cancelledMs;
      if (process.env.OPENCUT_SHOW_FIGURES) console.log(`cancelled ${name}: ${Math.round(tookMs)} ms`);
      assert.ok(tookMs < 700, `${tookMs} ms`);
      if (name === "by its status") {
        assert.deepEqual(base.namesIn("a"), ["config.json", "status.json"]);
        assert.equal(base.statusOf("a").status, "cancelled");
      } else await assertNothingLeft(base, "a");
      assert.equal((await overOf(base, "b")).status, "completed");
      await processor.stop();
    });
  }

  test("is not another job when its config is removed before its folder", async () => {
    const base = makeBase();
    const processor = startProcessor(base, slowly);
    base.submit("a", long(base, "a", 40));
    await isRendering(base, "a");
    rmSync(path.join(base.jobFolder("a"), "config.json"));
    // As long as two looks take.
    await sleep(600);
    rmSync(base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 });
    await processor.says("job cancelled", "a");
    assert.deepEqual(processor.said("job superseded", "a"), []);
    await assertNothingLeft(base, "a");
    await processor.stop();
  });

  test("and submitted anew at once is rendered as it is now", async () => {
    const base = makeBase();
    const processor = startProcessor(base, slowly);
    base.submit("a", long(base, "a", 40));
    await isRendering(base, "a");
    rmSync(base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 });
    const config = short(base, "a");
    base.submit("a", config);
    await assertCompleted(base, "a", config, { mode: "reencode" });
    await processor.stop();
  });
});

describe("processExportJob", () => {
  for (const isolation of ["process", "none"]) {
    test(`renders the job that it is given, isolation ${isolation}`, async () => {
      const base = makeBase();
      const config = base.configOf(small, "a");
      base.submit("a", config);
      const witness = watchJob(base, "a");
      await processExportJob(config, base.jobFolder("a"), base.folder, { isolation, logger: quiet });
      await assertCompleted(base, "a", config);
      assert.deepEqual(witness.end(), []);
    });
  }

  test("never rejects, and says in the status what is wrong", async () => {
    const base = makeBase();
    base.submit("a", {});
    await processExportJob({}, base.jobFolder("a"), base.folder, { logger: quiet });
    assert.deepEqual([base.statusOf("a").status, base.statusOf("a").code], ["failed", "ERR_BAD_ARGS"]);
    base.submit("b", {});
    await processExportJob(null, base.jobFolder("b"), base.folder, { logger: quiet });
    assert.deepEqual([base.statusOf("b").status, base.statusOf("b").code], ["failed", "ERR_BAD_ARGS"]);
    for (const jobDir of [undefined, temporaryFolder(), path.join(base.folder, "exports", ".."), "/"]) {
      await processExportJob({}, jobDir, base.folder, { logger: quiet });
    }
    await processExportJob({}, base.jobFolder("gone"), base.folder, { logger: quiet });
    await processExportJob({}, base.jobFolder("a"), path.join(base.folder, "no"), { logger: quiet });
    assert.ok(!existsSync(base.jobFolder("gone")));
  });

  test("hands the job back when its signal is aborted", async () => {
    const base = makeBase();
    const config = long(base, "a", 40);
    base.submit("a", config);
    const controller = new AbortController();
    const options = { render: slowRender, signal: controller.signal, logger: quiet };
    const done = processExportJob(config, base.jobFolder("a"), base.folder, options);
    await isRendering(base, "a");
    controller.abort();
    await done;
    assert.equal(base.statusOf("a").status, "pending");
    assert.deepEqual(base.namesIn("a"), ["config.json", "status.json"]);
  });

  test("leaves alone what is over, and what another renders", async () => {
    const base = makeBase();
    const config = long(base, "a", 6);
    base.submit("a", config);
    const options = { render: slowRender, isolation: "none", logger: quiet };
    const first = processExportJob(config, base.jobFolder("a"), base.folder, options);
    await isRendering(base, "a");
    await processExportJob(config, base.jobFolder("a"), base.folder, options);
    assert.equal(base.statusOf("a").status, "processing");
    await first;
    await processExportJob(config, base.jobFolder("a"), base.folder, options);
    assert.equal(base.statusOf("a").status, "completed");
  });
});

describe("a processor in this process", () => {
  test("tells who watches of each state, and of nothing after the end", async (t) => {
    const base = makeBase();
    const processor = processorOf(base);
    t.after(() => processor[Symbol.asyncDispose]());
    await processor.start();
    const events = [];
    const watching = (async () => {
      for await (const event of processor.watch("a")) events.push(event);
    })();
    base.submit("a", base.configOf(small, "a"));
    await watching;
    assert.equal(events[0].status, "pending");
    assert.deepEqual([events.at(-1).status, events.at(-1).progress], ["completed", 1]);
    assert.throws(() => processor.watch("../a"), { code: "ERR_BAD_ARGS" });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await assert.rejects(processor.watch("never", { signal: controller.signal }).next(), /enough/);
  });

  test("tells who watches that a job was removed", async (t) => {
    const base = makeBase();
    const processor = processorOf(base, { render: slowRender });
    t.after(() => processor[Symbol.asyncDispose]());
    await processor.start();
    base.submit("a", long(base, "a", 40));
    let last;
    for await (const event of processor.watch("a")) {
      last = event;
      if (event.progress > 0) rmSync(base.jobFolder("a"), { recursive: true, force: true, maxRetries: 10 });
    }
    assert.equal(last.status, "cancelled");
  });

  test("hands its jobs back when it is not to drain, and lets them end when it is", async () => {
    const base = makeBase();
    const first = processorOf(base, { render: slowRender });
    await first.start();
    base.submit("a", long(base, "a", 4));
    await isRendering(base, "a");
    await first.stop({ drain: false });
    assert.equal(base.statusOf("a").status, "pending");
    assert.equal(first.metrics().jobsHandedBack, 1);
    const second = processorOf(base, { render: slowRender });
    await second.start();
    await isRendering(base, "a");
    base.submit("late", short(base, "late"));
    await second.stop({ drain: true, timeoutMs: 100_000 });
    assert.deepEqual([base.statusOf("a").status, base.statusOf("late").status], ["completed", "pending"]);
    await assert.rejects(
      second.start().then(() => processorOf(base, { concurrency: 0 })),
      { code: "ERR_BAD_ARGS" },
    );
  });

  test("counts, and says how it is, as values, as Prometheus text, by HTTP and in a file", async (t) => {
    const base = makeBase();
    const ports = [];
    const logger = { ...quiet, info: (fields, message) => message === "health port opened" && ports.push(fields.port) };
    const processor = processorOf(base, { healthPort: 0, logger });
    t.after(() => processor[Symbol.asyncDispose]());
    await processor.start();
    base.submit("good", short(base, "good"));
    base.submit("bad", {});
    await Promise.all(["good", "bad"].map((id) => overOf(base, id)));
    await until(() => processor.metrics().jobsRunning === 0, "none is running");
    const { jobsCompleted, jobsFailed, attempts, bytesPublished } = processor.metrics();
    assert.deepEqual([jobsCompleted, jobsFailed, attempts], [1, 1, 2]);
    assert.equal(bytesPublished, readFileSync(base.output("good")).length);
    const url = `http://127.0.0.1:${ports[0]}`;
    const health = await fetch(`${url}/healthz`);
    assert.deepEqual([health.status, (await health.json()).status], [200, "ok"]);
    const text = await (await fetch(`${url}/metrics`)).text();
    assert.match(text, /^opencut_jobs_completed_total 1$/m);
    assert.equal(text, await processor.prometheusText());
    assert.equal((await fetch(`${url}/`)).status, 404);
    const file = path.join(base.folder, ".opencut", "health");
    assert.equal(readdirSync(file).length, 1);
    await processor.stop();
    assert.deepEqual(readdirSync(file), []);
    await assert.rejects(fetch(`${url}/healthz`));
  });

  test("finds among hundreds that are over the ones that are to be done again", async (t) => {
    const base = makeBase();
    const ids = Array.from({ length: 350 }, (_, i) => `over-${i}`);
    for (const id of ids) {
      base.submit(id, short(base, id));
      base.setStatus(id, JSON.stringify({ jobId: id, status: "completed", progress: 1 }));
    }
    const processor = processorOf(base, { pollIntervalMs: 100 });
    t.after(() => processor[Symbol.asyncDispose]());
    await processor.start();
    await until(() => (processor.health().lastScanAgoMs ?? Infinity) < 100, "all were looked at");
    const again = [ids[0], ids[199], ids[349]];
    for (const id of again) base.setStatus(id, JSON.stringify({ jobId: id, status: "pending" }));
    await until(() => processor.metrics().jobsCompleted === again.length, "three are done");
    for (const id of again) await assertCompleted(base, id, short(base, id));
  });

  test("removes old jobs when told to, but none that is being read, nor a young one", async (t) => {
    const base = makeBase();
    for (const id of ["a", "b", "c"]) {
      base.submit(id, {});
      base.setStatus(id, JSON.stringify({ jobId: id, status: "completed", progress: 1 }));
    }
    const reader = startReading(path.join(base.jobFolder("b"), "config.json"));
    await reader.ready;
    const processor = processorOf(base, { leaseMs: 300, retention: { maxCount: 0, graceMs: 1000 } });
    t.after(() => processor[Symbol.asyncDispose]());
    const startedMs = performance.now();
    await processor.start();
    await until(() => !existsSync(base.jobFolder("a")) && !existsSync(base.jobFolder("c")), "two are gone");
    assert.ok(performance.now() - startedMs >= 900);
    assert.ok(existsSync(base.jobFolder("b")));
    reader.end();
    await until(() => !existsSync(base.jobFolder("b")), "the third is gone");
    await until(() => processor.metrics().jobsRemoved === 3, "three are counted");
  });

  test("does not start without a base, nor with options that cannot be", async () => {
    await assert.rejects(createProcessor({ mediaBasePath: "/nowhere", logger: quiet }).start(), { code: "ERR_FS" });
    assert.throws(() => createProcessor({ concurrency: 1.5 }), { code: "ERR_BAD_ARGS" });
    assert.throws(() => createProcessor({ isolation: "thread" }), { code: "ERR_BAD_ARGS" });
    assert.throws(() => createProcessor({ logger: {} }), TypeError);
    assert.throws(() => createProcessor({ retention: { maxAgeMs: -1 } }), { code: "ERR_BAD_ARGS" });
  });
});

/** A process that has a file open. */
function startReading(file) {
  const text = `
    import { openSync } from "node:fs";
    openSync(${JSON.stringify(file)});
    console.log("open");
    setInterval(() => {}, 1000);`;
  const reader = start(text);
  return { ready: reader.said("open"), end: () => reader.child.kill() };
}
