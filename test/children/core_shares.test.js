// Children use the same cores; each is told how many others do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createCoreShares } from "../../lib/children/core_shares.js";
import { createPool } from "../../lib/children/pool.js";
import { small, temporaryFolder } from "../binding/support/footage.js";

const recorder = fileURLToPath(new URL("support/recorded_shares.js", import.meta.url));

test("a job shares the cores with those that have begun, and not with those that have ended", () => {
  const shares = createCoreShares();
  const first = shares.take();
  assert.equal(first.jobsElsewhere(), 0);
  const second = shares.take();
  assert.deepEqual([first.jobsElsewhere(), second.jobsElsewhere()], [1, 1]);
  first.give();
  assert.equal(second.jobsElsewhere(), 0);
});

test("a job that waits uses no core, and one that has ended while it waited never again", async () => {
  const shares = createCoreShares();
  const [waiting, ended, other] = [shares.take(), shares.take(), shares.take()];
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  const waits = [waiting.leaveWhile(promise), ended.leaveWhile(promise)];
  assert.equal(other.jobsElsewhere(), 0);
  ended.give();
  resolve("told");
  assert.deepEqual(await Promise.all(waits), ["told", "told"]);
  assert.equal(other.jobsElsewhere(), 1);
  await assert.rejects(waiting.leaveWhile(Promise.reject(new Error("refused"))), /refused/);
  assert.equal(other.jobsElsewhere(), 1);
});

test("the addon of a child is told how many others work when it begins, and when it goes on with its plan", async (t) => {
  const folder = temporaryFolder();
  process.env.RECORDED_SHARES = path.join(folder, "shares");
  const pool = createPool({ size: 3, execArgv: ["--import", recorder] });
  t.after(() => pool.close());
  const render = (name, onPlan) =>
    pool.render(small.config, { mediaBasePath: small.base, output: path.join(folder, name), onPlan });
  const others = [];
  const beginOthers = async () => {
    others.push(render("b.mp4"), render("c.mp4"));
    await nextTurn();
  };
  await render("a.mp4", beginOthers);
  await Promise.all(others);
  const shares = readFileSync(process.env.RECORDED_SHARES, "utf8").trim().split("\n").map(Number);
  // The first begins alone, and waits with its plan when the others begin; then it goes on beside them.
  assert.deepEqual(shares.toSorted(), [0, 0, 1, 2]);
});
