import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "node:test";
import { exportVideo, isMediaError, planExport, probe } from "@opencut/libav";
import { fake, lastJob, samples, useScript } from "./support/fake.js";
import { runProgram, startNode } from "./support/run_node.js";

const { config } = samples;
const untilCancelled = (job) => {
  const timer = setInterval(() => {
    if (job.cancelCount === 0) return;
    clearInterval(timer);
    job.reject({ code: "ABORTED" });
  }, 2);
};

describe("results", () => {
  test("each function gives what the addon says", async () => {
    assert.deepEqual(await probe("clip.mp4"), samples.mediaInfo);
    assert.deepEqual(await planExport(config), samples.plan);
    assert.deepEqual(await exportVideo(config), samples.report);
  });

  test("progress and log lines arrive as values", async (t) => {
    useScript(t, (job) => {
      job.progress({ progress: 0.5 });
      job.log({ message: "odd" });
      job.progress({ progress: 1 });
      job.resolve();
    });
    const seen = [];
    await exportVideo(config, {
      onProgress: ({ progress }) => seen.push(progress),
      onLog: ({ message }) => seen.push(message),
    });
    assert.deepEqual(seen, [0.5, "odd", 1]);
  });

  test("several jobs run side by side", async (t) => {
    const started = [];
    useScript(t, (job) => started.push(job));
    const promises = ["a", "b", "c"].map((name) => probe(name));
    while (started.length < 3) await sleep(1);
    for (const job of started.reverse()) job.resolve({ path: job.request.input });
    assert.deepEqual(await Promise.all(promises), [{ path: "a" }, { path: "b" }, { path: "c" }]);
  });
});

describe("failures", () => {
  test("become a MediaError with all the addon knows", async (t) => {
    const details = {
      code: "ERR_PROBE",
      message: "a.mp4 is not media",
      hint: "Is it whole?",
      retryable: false,
      phase: "planning",
      context: { path: "/a.mp4", source: 0, libav: "Invalid data found when processing input" },
    };
    useScript(t, (job) => job.reject(details));
    await assert.rejects(exportVideo(config), (error) => {
      assert.ok(isMediaError(error));
      assert.deepEqual(error.toJSON(), { name: "MediaError", ...details });
      return true;
    });
  });

  test("take the message from the error and leave out what is empty", async (t) => {
    useScript(t, (job) =>
      job.reject({ code: "ERR_EXEC", hint: "", retryable: true, phase: null, context: null }, "no luck"),
    );
    await assert.rejects(probe("a"), (error) => {
      assert.deepEqual(error.toJSON(), {
        name: "MediaError",
        code: "ERR_EXEC",
        message: "no luck",
        retryable: true,
        context: {},
      });
      return true;
    });
  });

  const noAsyncStacks = "bun" in process.versions && "Bun keeps no stack across await";
  test("show the caller's own lines in their stack", { skip: noAsyncStacks }, async (t) => {
    useScript(t, (job) => job.reject({ code: "ERR_EXEC" }));
    await assert.rejects(
      async function callerOfProbe() {
        await probe("a");
      },
      /** @param {Error} error */ (error) => /callerOfProbe/.test(String(error.stack)),
    );
  });
});

describe("abort", () => {
  test("a signal that is aborted already starts nothing", async () => {
    const before = fake.jobs.length;
    await assert.rejects(exportVideo(config, { signal: AbortSignal.abort("why") }), (reason) => reason === "why");
    assert.equal(fake.jobs.length, before);
  });

  test("an abort cancels the job and rejects with the signal's reason", async (t) => {
    useScript(t, untilCancelled);
    const controller = new AbortController();
    const promise = exportVideo(config, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await assert.rejects(promise, (error) => error === controller.signal.reason && error.name === "AbortError");
    assert.equal(lastJob().cancelCount, 1);
  });

  test("an abort that comes too late lets the job resolve", async (t) => {
    useScript(t, (job) => setTimeout(() => job.resolve(), 30));
    const controller = new AbortController();
    const promise = exportVideo(config, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    assert.deepEqual(await promise, samples.report);
  });

  test("no callback is called after an abort", async (t) => {
    const seen = [];
    useScript(t, (job) => {
      job.progress({ progress: 0.1 });
      controller.abort();
      job.progress({ progress: 0.2 });
      job.log();
      job.reject({ code: "ABORTED" });
    });
    const controller = new AbortController();
    const promise = exportVideo(config, {
      signal: controller.signal,
      onProgress: ({ progress }) => seen.push(progress),
      onLog: () => seen.push("log"),
    });
    await assert.rejects(promise, { name: "AbortError" });
    assert.deepEqual(seen, [0.1]);
  });

  test("no listener stays on the signal, however the job ends", async (t) => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, "abort").length;
    let during = 0;
    for (const end of [
      (job) => job.resolve(),
      (job) => job.reject({ code: "ERR_EXEC" }),
      (job) => job.reject({ code: "ABORTED" }),
    ]) {
      useScript(t, (job) => {
        during = listeners();
        end(job);
      });
      await probe("a", { signal }).catch(() => {});
      assert.equal(during, 1);
      assert.equal(listeners(), 0);
    }
  });

  test("a job cancelled by nobody here, as when its thread is torn down, rejects with an AbortError", async (t) => {
    useScript(t, (job) => job.reject({ code: "ABORTED" }));
    await assert.rejects(probe("a"), { name: "AbortError" });
  });
});

describe("callbacks", () => {
  for (const name of ["onProgress", "onLog"]) {
    test(`a throw in ${name} cancels the job and is what the promise rejects with`, async (t) => {
      const oops = new Error("oops");
      let calls = 0;
      useScript(t, (job) => {
        job.progress();
        job.log();
        job.progress();
        job.log();
        untilCancelled(job);
      });
      const promise = exportVideo(config, {
        [name]() {
          calls++;
          throw oops;
        },
      });
      await assert.rejects(promise, (error) => error === oops);
      assert.equal(calls, 1);
      assert.equal(lastJob().cancelCount, 1);
    });
  }

  test("a throw counts even when the job ends well", async (t) => {
    useScript(t, (job) => {
      job.progress({ progress: 1 });
      job.resolve();
    });
    await assert.rejects(
      exportVideo(config, {
        onProgress() {
          throw undefined;
        },
      }),
      (error) => error === undefined,
    );
  });

  test("none is called once the promise has settled", async (t) => {
    const seen = [];
    useScript(t, (job) => {
      job.resolve();
      setTimeout(() => {
        job.progress();
        job.log();
        seen.push("late");
      }, 10);
    });
    await exportVideo(config, { onProgress: () => seen.push("progress"), onLog: () => seen.push("log") });
    while (seen.length === 0) await sleep(1);
    assert.deepEqual(seen, ["late"]);
  });
});

describe("the end of the process", () => {
  test("one exit listener is there while jobs run, and none when they are over", async (t) => {
    const before = process.listenerCount("exit");
    const started = [];
    useScript(t, (job) => started.push(job));
    const promises = [probe("a"), probe("b")];
    while (started.length < 2) await sleep(1);
    assert.equal(process.listenerCount("exit"), before + 1);
    started[0].resolve();
    await promises[0];
    assert.equal(process.listenerCount("exit"), before + 1);
    started[1].reject({ code: "ERR_PROBE" });
    await assert.rejects(promises[1]);
    assert.equal(process.listenerCount("exit"), before);
  });

  const started = `import { probe } from "@opencut/libav"; probe("a"); await new Promise((r) => setTimeout(r, 50));`;
  const endings = { "process.exit()": "process.exit(3)", "an uncaught exception": "throw new Error('boom')" };
  for (const [name, ending] of Object.entries(endings)) {
    test(`${name} cancels what runs and waits for it`, async () => {
      const { code, stderr } = await runProgram(`${started} ${ending};`, { env: { FAKE_SCRIPT: "hang" } });
      assert.match(stderr, /fake: cancelAll\(500\) of 1/);
      assert.equal(code, name === "process.exit()" ? 3 : 1);
    });
  }

  test("a process whose jobs are over ends by itself, without cancelling anything", async () => {
    const { code, stdout, stderr } = await runProgram(
      `import { probe } from "@opencut/libav"; console.log((await probe("a")).path);`,
    );
    assert.deepEqual([code, stdout, stderr], [0, "/media/clip.mp4\n", ""]);
  });

  test("no signal handler is installed: SIGTERM ends the process as ever", async () => {
    const program = startNode(["--input-type=module", "-e", started], { env: { FAKE_SCRIPT: "hang" } });
    await program.saw("fake: started");
    program.child.kill("SIGTERM");
    assert.equal((await program.exit()).signal, "SIGTERM");
  });
});
