// Many jobs and several processors, of which some are killed and stopped. No job is lost, none is published twice, and what
// lies under an output's name is whole. OPENCUT_SHOW_FIGURES=1 prints how long recovery takes.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { makeBase } from "../support/bases.js";
import { assertCompleted } from "../support/checks.js";
import { short, showRecovery } from "../support/mid_render.js";
import { publications, startProcessor, until } from "../support/processors.js";
import { watchJob } from "../support/witness.js";

describe("a hundred jobs and three processors", () => {
  test("each is done, once, whatever happens to the processors", async () => {
    const base = makeBase();
    const ids = Array.from({ length: 100 }, (_, i) => `job-${i}`);
    const started = [1, 2, 3].map(() => startProcessor(base, ["--concurrency", "2"]));
    const processors = [...started];
    await Promise.all(started.map((each) => each.started()));
    const witnesses = ids.map((id) => watchJob(base, id));
    const submittedMs = performance.now();
    for (const id of ids) base.submit(id, short(base, id));
    const count = () => ids.filter((id) => base.statusOf(id).status === "completed").length;
    // One is killed and replaced, one stopped until another has taken its jobs.
    await until(() => count() >= 20, "some are done");
    started[0].child.kill("SIGKILL");
    processors.push(startProcessor(base, ["--concurrency", "2"]));
    await until(() => count() >= 40, "more are done");
    started[1].child.kill("SIGSTOP");
    await until(() => count() >= 95, "nearly all are done");
    started[1].child.kill("SIGCONT");
    await until(() => count() === 100, "all are done");
    showRecovery("100 jobs by 3 processors, one killed and one stopped on the way", submittedMs);
    for (const witness of witnesses) assert.deepEqual(witness.end(), []);
    for (const id of ids) {
      // Of the one that was killed the log may lack its last line.
      assert.ok(publications(processors, id) <= 1, id);
      assert.deepEqual(base.namesIn(id), ["config.json", "output.mp4", "status.json"]);
    }
    for (const id of [ids[0], ids[50], ids[99]]) await assertCompleted(base, id, short(base, id));
    await Promise.all(processors.slice(1).map((each) => each.stop()));
    const sizes = new Set(ids.map((id) => readFileSync(base.output(id)).length));
    assert.equal(sizes.size, 1);
    assert.deepEqual(readdirSync(path.join(base.folder, ".opencut", "staging")), []);
  });
});
