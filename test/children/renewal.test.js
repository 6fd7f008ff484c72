// Children are renewed, and a pool that has done much is no larger than one that has done little.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { createPool } from "../../lib/children/pool.js";
import { shortEdit, small, temporaryFolder } from "../binding/support/footage.js";
import { recordLog } from "./support/log.js";

const options = { mediaBasePath: small.base };
const mebibyte = 2 ** 20;

/** Plans one after another, and says which children did, and why they were renewed. */
async function planned(count, poolOptions) {
  const log = recordLog();
  const pool = createPool({ size: 1, ...poolOptions, log });
  for (let i = 0; i < count; i++) await pool.plan(shortEdit, options);
  await pool.close();
  const renewed = log.lines.filter(({ message }) => message === "child is renewed").map(({ fields }) => fields);
  const ended = log.lines.filter(({ message }) => message === "child ended").map(({ fields }) => fields);
  return { children: log.children(), renewed, ended };
}

/** The environment that a child began with, in which `name` is set for this process first. */
async function environmentWith(name, value) {
  const before = process.env[name];
  process.env[name] = value;
  const log = recordLog();
  const pool = createPool({ size: 1, log });
  try {
    await pool.plan(shortEdit, options);
    return readFileSync(`/proc/${log.children()[0]}/environ`, "utf8").split("\0");
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
    await pool.close();
  }
}

test("a child keeps memory between jobs, unless the environment says otherwise", async () => {
  const environment = await environmentWith("MALLOC_TRIM_THRESHOLD_", "4096");
  assert.ok(environment.includes(`MALLOC_MMAP_THRESHOLD_=${32 * mebibyte}`));
  assert.deepEqual(
    environment.filter((line) => line.startsWith("MALLOC_TRIM_THRESHOLD_=")),
    ["MALLOC_TRIM_THRESHOLD_=4096"],
  );
});

describe("a child is renewed", () => {
  test("after as many jobs as it may do", async () => {
    const { children, renewed, ended } = await planned(5, { maxJobsPerChild: 2 });
    assert.equal(children.length, 3);
    assert.deepEqual(
      renewed.map(({ pid, jobs }) => [pid, jobs]),
      children.slice(0, 2).map((pid) => [pid, 2]),
    );
    assert.deepEqual(
      ended.map(({ code, signal }) => [code, signal]),
      [
        [0, null],
        [0, null],
        [0, null],
      ],
    );
  });

  test("once it is larger than it may be", async () => {
    const { children, renewed } = await planned(3, { maxRssBytes: 1 });
    assert.equal(new Set(children).size, 3);
    assert.equal(renewed.length, 3);
    for (const { rssBytes } of renewed) assert.ok(rssBytes > 10 * mebibyte && rssBytes < 1024 * mebibyte, `${rssBytes}`);
  });

  test("and is not while it is neither", async () => {
    const { children, renewed } = await planned(5, {});
    assert.deepEqual([children.length, renewed.length], [1, 0]);
  });
});

describe("memory stays flat", () => {
  test("of the parent and of its children over many jobs", async () => {
    const log = recordLog();
    // A child that grows from job to job would be renewed.
    const pool = createPool({ size: 2, maxJobsPerChild: 1000, maxRssBytes: 250 * mebibyte, log });
    const folder = temporaryFolder();
    const batch = (count) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          pool.render(shortEdit, { ...options, output: path.join(folder, `${i}.mp4`), onProgress() {}, onLog() {} }),
        ),
      );
    await batch(60);
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 3; i++) await batch(60);
    const grown = process.memoryUsage.rss() - before;
    await pool.close();
    assert.ok(grown < 24 * mebibyte, `${(grown / mebibyte).toFixed(1)} MiB more`);
    assert.deepEqual(
      log.lines.filter(({ message }) => message === "child is renewed"),
      [],
    );
    assert.equal(log.children().length, 2);
  });
});
