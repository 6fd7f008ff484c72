import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cli, cliInTerminal, configFile, noTerminal, startCli } from "./support.js";

describe("signals", () => {
  for (const [name, exitCode] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    test(`${name} cancels the job and ends with ${exitCode}`, async () => {
      const program = startCli(["export", configFile], { env: { FAKE_SCRIPT: "hang" } });
      await program.saw("fake: started");
      program.child.kill(name);
      const { code, signal, stdout, stderr } = await program.exit();
      assert.deepEqual([code, signal, stdout], [exitCode, null, ""]);
      // No cancelAll: the job was cancelled by itself and was over before the end.
      assert.equal(stderr, "fake: started\nCancelled; nothing was written.\n");
    });
  }

  test("with --json the object says so", async () => {
    const program = startCli(["plan", configFile, "--json"], { env: { FAKE_SCRIPT: "hang" } });
    await program.saw("fake: started");
    program.child.kill("SIGINT");
    const { code, stdout } = await program.exit();
    assert.equal(code, 130);
    assert.deepEqual(JSON.parse(stdout), {
      code: "ABORTED",
      message: "Cancelled by SIGINT",
      hint: null,
      phase: null,
      context: {},
    });
  });

  test("a second one ends the process at once, the addon given its last chance to clean up", async () => {
    const program = startCli(["export", configFile], { env: { FAKE_SCRIPT: "ignore-cancel" } });
    await program.saw("fake: started");
    program.child.kill("SIGINT");
    // It goes on as long as the job does not heed the first.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(program.child.exitCode, null);
    program.child.kill("SIGINT");
    const { code, stderr } = await program.exit();
    assert.equal(code, 130);
    assert.match(stderr, /cancelAll\(500\) of 1/);
  });

  test("one that comes while the config is awaited on stdin ends it as well", async () => {
    const program = startCli(["export", "-"], { stdin: null });
    await new Promise((resolve) => setTimeout(resolve, 500));
    program.child.kill("SIGINT");
    assert.equal((await program.exit()).code, 130);
  });
});

describe("progress", () => {
  const env = { FAKE_SCRIPT: "report-progress" };

  test("is a bar on a terminal", { skip: noTerminal }, async () => {
    const { code, text } = await cliInTerminal(["export", configFile], { env, columns: 100 });
    assert.equal(code, 0);
    assert.match(text, /█+░* 100 % verifying, segment 2 of 3, 3\.2x, 1:01 left/);
    assert.match(text, /took +1\.3 s/);
  });

  test("is nothing where stderr is no terminal", async () => {
    assert.equal((await cli(["export", configFile], { env })).stderr, "");
  });

  test("is nothing with --quiet", { skip: noTerminal }, async () => {
    assert.equal((await cliInTerminal(["export", configFile, "--quiet"], { env })).text, "");
  });
});
