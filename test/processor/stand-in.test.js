// The caller's own service with one import changed, on the runtimes that it is run by.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { runtime } from "../../scripts/steps/runtimes.mjs";
import { small } from "../binding/support/footage.js";
import { makeBase } from "./support/bases.js";
import { assertCompleted, overOf } from "./support/checks.js";
import { makeWorkspace } from "./support/workspace.js";

const workspace = makeWorkspace();
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts the service as the caller does: by what stands in its environment. */
function startService(command, base) {
  const env = { ...process.env, MEDIA_BASE_PATH: base.folder, POLL_INTERVAL_MS: "100" };
  const child = spawn(command[0], command.slice(1), { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const closed = once(child, "close").finally(() => running.delete(child));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  return {
    printed: () => printed,
    async end() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/**
 * Reads a job's status as fast as this process can, by the caller's schema.
 * @returns {() => Promise<{ looks: number, statuses: object[] }>} Ends it; rejects if one did not parse.
 */
function watchBySchema(schema, base, id) {
  const statuses = [];
  let looks = 0;
  let ended = false;
  async function look() {
    let last;
    for (; ; looks++) {
      const wasEnded = ended;
      const text = readFileSync(path.join(base.jobFolder(id), "status.json"), "utf8");
      const status = schema.ExportStatusFileSchema.parse(JSON.parse(text));
      if (text !== last) statuses.push(status);
      last = text;
      if (wasEnded) return { looks, statuses };
      await turn();
    }
  }
  const looking = look();
  looking.catch(() => {}); // Told to whoever ends it.
  return () => {
    ended = true;
    return looking;
  };
}

const isNode20 = process.versions.node.startsWith("20.") && process.versions.bun === undefined;
const runtimes = {
  "Node 20": () => [isNode20 ? process.execPath : runtime("Node 20"), workspace.service.javascript],
  Bun: () => [runtime("Bun"), workspace.service.typescript],
};

test("the caller's service type-checks under strict with its one import changed", () => {
  assert.equal(workspace.complaints, "");
});

for (const [name, commandOf] of Object.entries(runtimes)) {
  describe(`the caller's service on ${name}`, () => {
    const base = makeBase();
    let schema;
    let service;
    before(async () => {
      schema = await workspace.schema();
      service = startService(commandOf(), base);
    });
    after(() => service.end());

    test("makes of a config an output that is exact, by statuses that its schema takes at every moment", async () => {
      const config = base.configOf(small, "job");
      base.submit("job", config);
      const end = watchBySchema(schema, base, "job");
      await assertCompleted(base, "job", config).catch((cause) => {
        throw new Error(`${cause}\n${service.printed()}`, { cause });
      });
      const { looks, statuses } = await end();
      if (process.env.OPENCUT_SHOW_FIGURES) console.log(`${name}: ${looks} looks, ${statuses.length} statuses`);
      assert.deepEqual([...new Set(statuses.map(({ status }) => status))], ["pending", "processing", "completed"]);
      assert.ok(looks > statuses.length);
      statuses.slice(1).forEach(({ progress }, i) => assert.ok(progress >= statuses[i].progress));
    });

    test("goes on after a job that fails", async () => {
      const config = base.configOf(small, "no-source");
      base.submit("no-source", {
        ...config,
        sources: config.sources.map((source) => ({ ...source, filePath: "gone.mp4" })),
      });
      const status = await overOf(base, "no-source");
      assert.deepEqual([status.status, status.code], ["failed", "ERR_PROBE"]);
      assert.ok(schema.ExportStatusFileSchema.parse(status).error.length > 0);
      const next = base.configOf(small, "next");
      base.submit("next", next);
      await assertCompleted(base, "next", next);
    });
  });
}
