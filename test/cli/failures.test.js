import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fakeAddonPath } from "../lib/support/fake.js";
import { cli, configFile, folder, main, startCli } from "./support.js";

// design: each code has its exit code.
const exitCodes = {
  ERR_BAD_ARGS: 2,
  ERR_OUT_OF_RANGE: 2,
  ERR_PROBE: 3,
  ERR_PLAN_UNSUPPORTED: 4,
  ERR_EXEC: 4,
  ERR_VERIFY: 4,
  ERR_CRASHED: 4,
  ERR_FS: 5,
  ERR_CODE_OF_A_LATER_VERSION: 4,
};

describe("a failure of the job", () => {
  for (const [code, exitCode] of Object.entries(exitCodes)) {
    test(`${code} ends with ${exitCode}`, async () => {
      const failure = {
        code,
        message: "no luck",
        hint: "try harder",
        retryable: true,
        phase: "rendering",
        context: { segment: 2 },
      };
      const env = { FAKE_SCRIPT: "fail", FAKE_FAILURE: JSON.stringify(failure) };
      const people = await cli(["export", configFile], { env });
      assert.deepEqual([people.code, people.stdout], [exitCode, ""]);
      assert.equal(people.stderr, `opencut-libav: no luck (${code})\ntry harder\n`);
      const machines = await cli(["export", configFile, "--json"], { env });
      assert.deepEqual([machines.code, machines.stderr], [exitCode, ""]);
      assert.deepEqual(JSON.parse(machines.stdout), {
        code,
        message: "no luck",
        hint: "try harder",
        phase: "rendering",
        context: { segment: 2 },
      });
    });
  }

  test("has the same keys in JSON when there is no hint and no phase", async () => {
    const env = { FAKE_SCRIPT: "fail", FAKE_FAILURE: JSON.stringify({ code: "ERR_FS", message: "full" }) };
    const { stdout } = await cli(["probe", "a.mp4", "--json", "--quiet"], { env });
    assert.deepEqual(JSON.parse(stdout), { code: "ERR_FS", message: "full", hint: null, phase: null, context: {} });
  });

  test("a missing addon ends with 6 and says what to run", async () => {
    for (const args of [["capabilities"], ["probe", "a.mp4"]]) {
      const { code, stderr } = await cli(args, { env: { OPENCUT_LIBAV_BINARY: "/nowhere" } });
      assert.equal(code, 6);
      assert.match(stderr, /\(ERR_NATIVE_UNAVAILABLE\)\nRun: npm run build:native\n$/);
    }
  });

  test("escape sequences from a file name do not reach the terminal", async () => {
    const env = {
      FAKE_SCRIPT: "fail",
      FAKE_FAILURE: JSON.stringify({ code: "ERR_PROBE", message: "\u001b[2J.mp4\u009b1m is no media" }),
    };
    const { stderr } = await cli(["probe", "a"], { env });
    assert.equal(stderr, "opencut-libav: \ufffd[2J.mp4\ufffd1m is no media (ERR_PROBE)\n");
  });

  test("a mistake in the program itself ends with 1 and shows its stack", async () => {
    const env = { FAKE_SCRIPT: "fail", FAKE_FAILURE: "1" };
    const { code, stderr } = await cli(["probe", "a"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /^opencut-libav: TypeError: .*\n +at /);
  });
});

describe("wrong arguments end with 2 and point to the help", () => {
  const cases = {
    "unknown command 'exprot'\n(Did you mean export?)": ["exprot"],
    "missing required argument 'config'": ["export"],
    "unknown option '--mdoe'\n(Did you mean --mode?)": ["export", "c.json", "--mdoe", "copy"],
    "option '--mode <mode>' argument 'fast' is invalid. Allowed choices are auto, copy, hybrid, reencode.": [
      "plan",
      "c",
      "--mode",
      "fast",
    ],
    "option '--threads <count>' argument 'two' is invalid. Expected a number.": [
      "export",
      "c.json",
      "--threads",
      "two",
    ],
    "option '--bitrate <bits>' argument '8MB' is invalid. Expected a number of bits per second, such as 192k or 8M.": [
      "export",
      "c.json",
      "--bitrate",
      "8MB",
    ],
    "required option '-o, --output <file>' not specified": ["cut", "a.mp4"],
    "too many arguments for 'probe'. Expected 1 argument but got 2.": ["probe", "a", "b"],
  };
  for (const [message, args] of Object.entries(cases)) {
    test(message.split("\n")[0], async () => {
      const { code, stdout, stderr } = await cli(args);
      assert.deepEqual([code, stdout], [2, ""]);
      const command = args[0] === "exprot" ? "" : `${args[0]} `;
      assert.equal(stderr, `opencut-libav: ${message} (ERR_BAD_ARGS)\nSee: opencut-libav ${command}--help\n`);
      const json = JSON.parse((await cli([...args, "--json"])).stdout);
      assert.deepEqual([json.code, json.message], ["ERR_BAD_ARGS", message]);
    });
  }

  for (const text of ["1:70", "70:00:00:00", "-1", "1,5", "", "1:5.", "abc", "1e3", "1:99:00"]) {
    test(`--start ${JSON.stringify(text)} is no time`, async () => {
      const { code, stderr } = await cli(["cut", "a.mp4", "-o", "b.mp4", `--start=${text}`]);
      assert.equal(code, 2);
      assert.match(stderr, /Expected a time such as 90\.5 or 1:30\.5\./);
    });
  }
});

describe("a config that cannot be used ends with 2 and is named", () => {
  const bad = path.join(folder, "bad.json");
  const cases = { "{": "is not JSON", "[]": "holds no JSON object", '"x"': "holds no JSON object", "": "is not JSON" };
  for (const [content, problem] of Object.entries(cases)) {
    test(`${JSON.stringify(content)} ${problem}`, async () => {
      writeFileSync(bad, content);
      const { code, stdout } = await cli(["plan", bad, "--json"]);
      const error = JSON.parse(stdout);
      assert.deepEqual([code, error.code, error.context.path], [2, "ERR_BAD_ARGS", bad]);
      assert.ok(error.message.startsWith(bad) && error.message.includes(problem), error.message);
    });
  }

  test("a file that is not there", async () => {
    const { code, stderr } = await cli(["export", "nowhere.json"]);
    assert.equal(code, 2);
    assert.match(stderr, /nowhere\.json cannot be read: ENOENT/);
  });
});

describe("the reader of stdout goes away", () => {
  for (const [script, exitCode] of Object.entries({ succeed: 0, fail: 5 })) {
    test(`nothing is said about it and the exit code is the command's: ${exitCode}`, () => {
      const command = `"$0" "$1" probe a.mp4 --json; echo "exit $?" >&2`;
      const failure = JSON.stringify({ code: "ERR_FS", message: "full" });
      const { stderr } = spawnSync("bash", ["-c", `{ sleep 0.2; ${command}; } | true`, process.execPath, main], {
        env: { ...process.env, OPENCUT_LIBAV_BINARY: fakeAddonPath, FAKE_SCRIPT: script, FAKE_FAILURE: failure },
        encoding: "utf8",
      });
      assert.equal(stderr, `exit ${exitCode}\n`);
    });
  }

  test("even when it goes while the job runs", async () => {
    const program = startCli(["export", configFile, "--json"], { env: { FAKE_SCRIPT: "report-progress" } });
    program.child.stdout.destroy();
    const { code, stderr } = await program.exit();
    assert.deepEqual([code, stderr], [0, ""]);
  });
});
