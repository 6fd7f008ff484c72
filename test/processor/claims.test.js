// The records that decide who renders and who publishes.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { createClaims } from "../../lib/processor/claims.js";
import { findLayout } from "../../lib/processor/layout.js";
import { carryOut, commit } from "../../lib/processor/publication.js";
import { temporaryFolder } from "../binding/support/footage.js";
import { root, start } from "../binding/support/programs.js";

const facts = { job: "7-abc", deaths: 0 };

async function newBase() {
  const layout = await findLayout(temporaryFolder());
  mkdirSync(layout.staging, { recursive: true });
  mkdirSync(path.join(layout.exports, "a"), { recursive: true });
  return { layout, claims: createClaims(layout) };
}

/** A part that is whole, and where it is to go. */
function partOf({ layout }, text) {
  const [part, output] = [`.${text}.part`, "output.mp4"].map((name) => path.join(layout.exports, "a", name));
  writeFileSync(part, text);
  return { part, output };
}

describe("a claim", () => {
  test("is one process's of all that try at the same moment, number by number", async () => {
    const { layout, claims } = await newBase();
    const text = `
      import { createClaims } from ${JSON.stringify(path.join(root, "lib/processor/claims.js"))};
      const claims = createClaims(${JSON.stringify(layout)});
      const won = [];
      for (let n = 1; n <= 100; n++) if (await claims.take("a", n, { job: "x", deaths: 0 })) won.push(n);
      console.log(JSON.stringify(won));`;
    const ends = await Promise.all([1, 2, 3, 4].map(() => start(text).exit()));
    const won = ends.flatMap(({ stdout, stderr }) => JSON.parse(stdout || `"${stderr}"`));
    assert.deepEqual(
      won.sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    assert.equal((await claims.read("a")).length, 100);
    assert.deepEqual(readdirSync(layout.staging), []);
  });

  test("is ended once: by its owner, or by who takes it", async () => {
    const { claims } = await newBase();
    for (let number = 1; number <= 20; number++) {
      const claim = await claims.take("a", number, facts);
      const ends = await Promise.all([
        claims.finish(claim, { outcome: "released" }),
        claims.finish(claim, { outcome: "taken", deaths: 1 }),
        claims.finish(claim, { outcome: "cancelled" }),
      ]);
      assert.equal(ends.filter(Boolean).length, 1);
      assert.equal(await claims.beat(claim, 1), false);
    }
  });
});

describe("publication", () => {
  test("is nobody's whose claim was taken, though its file is whole", async () => {
    const base = await newBase();
    const first = await base.claims.take("a", 1, facts);
    const stale = partOf(base, "stale");
    await base.claims.finish(first, { outcome: "taken", deaths: 1 });
    const second = await base.claims.take("a", 2, facts);
    assert.equal(await commit(base.claims, first, base.layout, stale.part, stale.output), null);
    const { part, output } = partOf(base, "fresh");
    const end = await commit(base.claims, second, base.layout, part, output);
    assert.equal(await carryOut(base.layout, end), true);
    assert.equal(readFileSync(output, "utf8"), "fresh");
  });

  test("is nobody's whose claim was forgotten, though there is another of its number", async () => {
    const base = await newBase();
    const first = await base.claims.take("a", 1, facts);
    const { part, output } = partOf(base, "stale");
    await base.claims.forget("a");
    const second = await base.claims.take("a", 1, facts);
    assert.equal(await commit(base.claims, first, base.layout, part, output), null);
    assert.equal(await base.claims.isOpen(second), true);
  });

  test("is carried out by anyone, any number of times, and seen to be lost where it is", async () => {
    const base = await newBase();
    const claim = await base.claims.take("a", 1, facts);
    const { part, output } = partOf(base, "whole");
    const end = await commit(base.claims, claim, base.layout, part, output);
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => carryOut(base.layout, end))), [true, true, true]);
    assert.ok(!existsSync(part));
    // Another machine has the base elsewhere.
    const elsewhere = temporaryFolder();
    renameSync(base.layout.exports, path.join(elsewhere, "exports"));
    assert.equal(await carryOut({ ...base.layout, base: elsewhere }, end), true);
    assert.equal(await carryOut(base.layout, end), false);
  });
});
