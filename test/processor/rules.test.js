// The rules that need no file, on clocks that are set by the test.
import assert from "node:assert/strict";
import { setMaxListeners } from "node:events";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MediaError } from "@opencut/libav";
import { createAdmission } from "../../lib/processor/admission.js";
import { createLeases } from "../../lib/processor/leases.js";
import { nextAttempt } from "../../lib/processor/retry.js";
import { surplus } from "../../lib/processor/retention.js";
import { judge } from "../../lib/processor/verdict.js";

describe("a lease", () => {
  /** Looks at the times given, at a counter that is `beatAt(time)`. */
  function deathAt(times, beatAt, leaseMs = 30_000) {
    let now = 0;
    const leases = createLeases({ leaseMs, now: () => now });
    return times.find((at) => {
      now = at;
      return leases.isDead("job", String(beatAt(at)));
    });
  }
  const everySecond = Array.from({ length: 200 }, (_, i) => i * 1000);

  test("is over once its counter has stood still for 30 s of the observer", () => {
    assert.equal(
      deathAt(everySecond, (at) => Math.min(at, 60_000)),
      90_000,
    );
  });

  test("is never over while the counter goes on, however slowly within the time", () => {
    assert.equal(
      deathAt(everySecond, (at) => Math.floor(at / 29_000)),
      undefined,
    );
  });

  test("is counted anew by an observer that did not look for as long: it may have been stopped itself", () => {
    assert.equal(
      deathAt([0, 1000, 61_000, 62_000], () => 1),
      undefined,
    );
    assert.equal(
      deathAt([0, 1000, 61_000, 75_000, 91_000], () => 1),
      91_000,
    );
  });
});

describe("leases", () => {
  test("are not kept of jobs that nobody looks at any more", () => {
    let now = 0;
    const leases = createLeases({ leaseMs: 30_000, now: () => now });
    for (; now < 600_000; now += 1000) {
      leases.isDead("watched", "same");
      leases.isDead(`job-${now}`, "1");
    }
    assert.equal(leases.isDead("watched", "same"), true);
    assert.ok(leases.watchedCount() <= 62, `${leases.watchedCount()}`);
  });
});

describe("what is to be done about a job", () => {
  const claim = (number, end = null, job = "7-abc", deaths = 0) => ({
    id: "a",
    number,
    token: `t${number}`,
    facts: { job, deaths },
    beat: "0",
    end,
  });
  const published = { outcome: "published", part: "p", output: "o", ino: "1", bytes: 1 };
  const failed = { outcome: "failed", error: {} };
  const cases = [
    ["a new one is taken", "pending", [], false, { action: "take", number: 1, deaths: 0 }],
    ["one that is over is left", "over", [claim(1)], true, { action: "none" }],
    ["one that is not submitted yet is left", "none", [], true, { action: "none" }],
    ["one that another renders is waited for", "processing", [claim(1)], false, { action: "wait", claim: claim(1) }],
    [
      "one whose owner is silent is taken from it",
      "processing",
      [claim(1)],
      true,
      { action: "displace", claim: claim(1), reason: "died" },
    ],
    [
      "one of a name whose former job is still claimed is taken at once",
      "pending",
      [claim(1, null, "8-abc")],
      false,
      { action: "displace", claim: claim(1, null, "8-abc"), reason: "superseded" },
    ],
    [
      "what was decided is carried out",
      "processing",
      [claim(1, published)],
      false,
      { action: "settle", claim: claim(1, published), end: published },
    ],
    [
      "a failure that was decided, too",
      "broken",
      [claim(1, failed)],
      false,
      { action: "settle", claim: claim(1, failed), end: failed },
    ],
    [
      "not for another job of that name",
      "processing",
      [claim(1, published, "8-abc")],
      false,
      { action: "take", number: 2, deaths: 0 },
    ],
    [
      "one that is pending again is done again",
      "pending",
      [claim(4, published)],
      false,
      { action: "take", number: 5, deaths: 0 },
    ],
    [
      "one that was handed back is taken",
      "pending",
      [claim(1, { outcome: "released" })],
      false,
      { action: "take", number: 2, deaths: 0 },
    ],
    [
      "deaths are counted",
      "processing",
      [claim(2, { outcome: "taken", deaths: 2 })],
      false,
      { action: "take", number: 3, deaths: 2 },
    ],
    ["one that another program processes is waited for", "processing", [], false, { action: "wait", claim: null }],
    ["until that is silent", "processing", [], true, { action: "take", number: 1, deaths: 0 }],
  ];
  for (const [name, stage, claims, isSilent, verdict] of cases) {
    test(name, () => assert.deepEqual(judge({ stage, job: "7-abc", claims, isSilent }), verdict));
  }
});

describe("another attempt", () => {
  const error = (code, signal) => new MediaError(code, "it failed", { context: { signal } });
  const history = (attempt, wasAlone = false) => ({ attempt, maxAttempts: 3, wasAlone });

  test("follows what may pass, later and later, at a random moment", () => {
    assert.deepEqual(
      nextAttempt(error("ERR_EXEC"), history(1), () => 0.5),
      { delayMs: 500, alone: false },
    );
    assert.deepEqual(
      nextAttempt(error("ERR_CRASHED", "SIGSEGV"), history(2), () => 0.5),
      { delayMs: 1000, alone: false },
    );
    const late = { attempt: 20, maxAttempts: 100, wasAlone: false };
    assert.deepEqual(
      nextAttempt(error("ERR_FS"), late, () => 0.5),
      { delayMs: 15_000, alone: false },
    );
  });

  test("does not follow the last one, nor what will not pass", () => {
    assert.equal(nextAttempt(error("ERR_EXEC"), history(3)), null);
    assert.equal(nextAttempt(error("ERR_PROBE"), history(1)), null);
  });

  test("follows a child that was killed once, alone", () => {
    assert.deepEqual(nextAttempt(error("ERR_CRASHED", "SIGKILL"), history(1)), { delayMs: 0, alone: true });
    assert.equal(nextAttempt(error("ERR_CRASHED", "SIGKILL"), history(2, true)), null);
  });
});

describe("admission", () => {
  const never = new AbortController().signal;
  setMaxListeners(0, never);
  /** What was admitted so far, by name. */
  function tryOut(budgetBytes) {
    let now = 0;
    const admission = createAdmission({ budgetBytes, patienceMs: 1000, now: () => now });
    const leaves = {};
    return {
      admission,
      ask: (name, demand, signal = never) =>
        admission.admit(demand, signal).then(
          (leave) => (leaves[name] = leave),
          () => {},
        ),
      async names() {
        await new Promise((resolve) => setImmediate(resolve));
        return Object.keys(leaves);
      },
      leave(name) {
        leaves[name]();
        delete leaves[name];
      },
      pass: (ms) => (now += ms),
    };
  }

  test("one job always runs, whatever it needs", async () => {
    const { ask, names } = tryOut(10);
    ask("huge", { bytes: 1000 });
    ask("small", { bytes: 1 });
    assert.deepEqual(await names(), ["huge"]);
  });

  test("the sum stays in the budget", async () => {
    const running = [];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const admission = createAdmission({ budgetBytes: 100 });
        let most = 0;
        const all = sizes.map(async (bytes) => {
          const leave = await admission.admit({ bytes }, never);
          running.push(bytes);
          most = Math.max(most, admission.reservedBytes());
          await new Promise((resolve) => setImmediate(resolve));
          leave();
        });
        await Promise.all(all);
        assert.ok(most <= 100 && admission.reservedBytes() === 0);
      }),
    );
    assert.ok(running.length > 0);
  });

  test("a big one is passed by small ones for a while only", async () => {
    const { ask, names, leave, pass } = tryOut(10);
    ask("first", { bytes: 6 });
    ask("big", { bytes: 8 });
    ask("small", { bytes: 4 });
    assert.deepEqual(await names(), ["first", "small"]);
    pass(1000);
    leave("small");
    ask("later", { bytes: 1 });
    assert.deepEqual(await names(), ["first"]);
    leave("first");
    assert.deepEqual(await names(), ["big", "later"]);
  });

  test("one that is to be alone is", async () => {
    const { ask, names, leave } = tryOut(10);
    ask("first", { bytes: 1 });
    ask("alone", { bytes: 1, alone: true });
    ask("later", { bytes: 1 });
    assert.deepEqual(await names(), ["first"]);
    leave("first");
    assert.deepEqual(await names(), ["alone"]);
    leave("alone");
    assert.deepEqual(await names(), ["later"]);
  });

  test("who gives up waiting is in nobody's way", async () => {
    const { ask, names, leave } = tryOut(10);
    const controller = new AbortController();
    ask("first", { bytes: 1 });
    ask("alone", { bytes: 1, alone: true }, controller.signal);
    ask("later", { bytes: 1 });
    controller.abort();
    assert.deepEqual(await names(), ["first", "later"]);
    leave("first");
  });
});

describe("retention", () => {
  const unlimited = { maxAgeMs: Infinity, maxCount: Infinity, maxBytes: Infinity, graceMs: 0 };
  const job = (id, endedMs, more = {}) => ({ id, sign: "", endedMs, bytes: 10, isInGrace: false, ...more });
  const goes = (jobs, limits) => surplus(jobs, { ...unlimited, ...limits }, 1000).map(({ id }) => id);

  test("removes what is too old, too much or too large, oldest first", () => {
    const jobs = [job("old", 0), job("new", 900), job("middle", 500)];
    assert.deepEqual(goes(jobs, {}), []);
    assert.deepEqual(goes(jobs, { maxAgeMs: 600 }), ["old"]);
    assert.deepEqual(goes(jobs, { maxCount: 1 }), ["middle", "old"]);
    assert.deepEqual(goes(jobs, { maxBytes: 25 }), ["old"]);
  });

  test("never what is in its time of grace", () => {
    assert.deepEqual(goes([job("a", 0, { isInGrace: true }), job("b", 10)], { maxCount: 0 }), ["b"]);
  });
});
