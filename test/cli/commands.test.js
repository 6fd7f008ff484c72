import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { samples } from "../lib/support/fake.js";
import { cli, configFile, folder } from "./support.js";

const commands = ["export", "plan", "cut", "probe", "capabilities"];

describe("results for people", () => {
  test("export tells what was made, how much of it was encoded, how fast, and the warnings", async () => {
    const { code, stdout, stderr } = await cli(["export", configFile]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    assert.equal(
      stdout,
      `/media/exports/1/output.mp4
  file     mp4, 0:10.000, 7.9 MB; 2 runs, mode hybrid
  picture  h264 1920x1080 30 fps; 240 frames copied, 60 encoded (20 %)
  sound    aac 48000 Hz stereo; exact
  took     1.3 s, 8.0x real time
warning: segments[2]: ends 0.5 s beyond its source (END_CLAMPED)
`,
    );
  });

  test("plan shows a table of runs and draws them, lane by lane", async () => {
    const { code, stdout } = await cli(["plan", configFile], { env: { COLUMNS: "110" } });
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `/media/exports/1/output.mp4
  file     mp4, 0:10.000, about 8.0 MB; 2 runs, mode hybrid
  picture  h264 1920x1080 30 fps; 240 frames copied, 60 encoded (20 %)
  sound    aac 48000 Hz stereo; exact

segments  source          in       out        at  late ms  copied  encoded  why encoded
     0-1  camera a  0:01.000  0:07.000  0:00.000     10.0     150       30  the cut lies inside a GOP
       2  camera b  0:00.000  0:04.000  0:06.000     -3.3      90       30  no packet boundary lies at the end

camera a  ██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
camera b                                                              ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░██████████
          0:00.000                                                                                    0:10.000
░ copied  ▒ both  █ encoded
warning: segments[2]: ends 0.5 s beyond its source (END_CLAMPED)
`,
    );
  });

  test("probe shows the file, its streams and its chapters", async () => {
    const { stdout } = await cli(["probe", "clip.mp4"]);
    assert.equal(
      stdout,
      `/media/clip.mp4
  mov,mp4,m4a,3gp,3g2,mj2, 1:30.500, 1.2 MB, 109.1 kb/s
  #0 video    h264 (High), 1920x1080, yuv420p, 29.97 fps, tv/bt709, turn by 90°, default
  #1 audio    aac (LC), 48000 Hz, stereo, fltp, eng, default
  chapter  0:00.000 to 0:10.000  Intro
`,
    );
  });

  test("cut tells what export tells", async () => {
    const { code, stdout } = await cli(["cut", "in.mp4", "-o", "out.mp4", "--start", "1", "--end", "2"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\/media\/exports\/1\/output\.mp4\n {2}file/);
  });

  test("capabilities lists versions, licence and names", async () => {
    const { stdout } = await cli(["capabilities"]);
    assert.match(stdout, /^@opencut\/libav \d+\.\d+\.\d+, FFmpeg 5\.1\.9, GPL version 2 or later\n/);
    assert.match(stdout, /\nencoders:\n {2}aac libx264\n/);
    assert.match(stdout, /\nhardware:\n {2}none\n$/);
  });

  test("--quiet prints nothing", async () => {
    for (const args of [["export", configFile], ["plan", configFile], ["probe", "a.mp4"], ["capabilities"]]) {
      const { code, stdout, stderr } = await cli([...args, "--quiet"]);
      assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    }
  });
});

test("--json prints one object: what the function gives", async () => {
  const results = {
    export: [[configFile], samples.report],
    plan: [[configFile], samples.plan],
    probe: [["a.mp4"], samples.mediaInfo],
    cut: [["a.mp4", "-o", "b.mp4"], samples.report],
  };
  for (const [command, [args, expected]] of Object.entries(results)) {
    const { code, stdout, stderr } = await cli([command, ...args, "--json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), expected);
  }
  const { stdout } = await cli(["capabilities", "--json"]);
  assert.deepEqual(JSON.parse(stdout).encoders, samples.capabilities.encoders);
});

describe("what reaches the addon", () => {
  /** The request, as the fake addon saw it. */
  async function requested(args, options) {
    const { stdout, stderr } = await cli([...args, "--json"], { ...options, env: { FAKE_SCRIPT: "echo" } });
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout);
  }

  test("every option", async () => {
    const flags = `--media-base media -o out.mp4 --mode hybrid --audio exact --preset veryfast --crf 18.5 --bitrate 2.5M
      --audio-bitrate 128k --threads 3 --fallback fail --max-encoded-seconds 2 --no-overwrite --verify full
      --allowed-root /a --allowed-root /b --allowed-protocol file`.split(/\s+/);
    const expected = {
      mediaBasePath: path.join(folder, "media"),
      output: path.join(folder, "out.mp4"),
      mode: "hybrid",
      audio: "exact",
      video: { preset: "veryfast", crf: 18.5, bitrate: 2_500_000 },
      audioBitrate: 128_000,
      threads: 3,
      fallback: "fail",
      maxEncodedSeconds: 2,
      overwrite: false,
      verify: "full",
      allowedRoots: ["/a", "/b"],
      allowedProtocols: ["file"],
    };
    for (const command of ["export", "plan"]) {
      const { config, options } = await requested([command, configFile, ...flags], { cwd: folder });
      assert.deepEqual(options, expected);
      assert.deepEqual(config, samples.config);
    }
  });

  test("no option: only where relative paths start, and that the output may be replaced", async () => {
    const { options } = await requested(["export", configFile], { cwd: folder });
    assert.deepEqual(options, { mediaBasePath: folder, overwrite: true, video: {} });
  });

  test("a config from stdin", async () => {
    const { config } = await requested(["plan", "-"], { stdin: JSON.stringify(samples.config) });
    assert.deepEqual(config, samples.config);
  });

  test("times in seconds, minutes and hours", async () => {
    for (const [text, seconds] of [
      ["90.5", 90.5],
      ["1:30.25", 90.25],
      ["1:02:03.5", 3723.5],
      ["0", 0],
      ["100:00:00", 360_000],
    ]) {
      const { config } = await requested(["cut", "a.mp4", "-o", "b.mp4", "--start", text]);
      assert.equal(config.segments[0].startTime, seconds, text);
    }
    const { config } = await requested(["cut", "a.mp4", "-o", "b.mp4", "--end", "2", "--no-sound"]);
    assert.equal(config.segments[0].endTime, 2);
    assert.equal(config.output.includeAudio, false);
  });
});

describe("help", () => {
  test("the program's names every command and the exit codes", async () => {
    const { code, stdout } = await cli(["--help"]);
    assert.equal(code, 0);
    for (const command of commands) assert.match(stdout, new RegExp(`\\n  ${command} `));
    assert.match(stdout, /Exit codes: 0 done, 2 /);
  });

  for (const command of commands) {
    test(`${command} --help says what it does, its options, and how it is used`, async () => {
      const { code, stdout, stderr } = await cli([command, "--help"]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, new RegExp(`^Usage: opencut-libav ${command} `));
      assert.match(stdout, /--json/);
      if (command !== "capabilities") assert.match(stdout, new RegExp(`Examples:\\n  opencut-libav ${command} `));
    });
  }

  test("without a command, help goes to stderr and the exit code is that of wrong arguments", async () => {
    const { code, stdout, stderr } = await cli([]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^Usage: opencut-libav/);
    assert.doesNotMatch(stderr, /ERR_/);
  });

  test("--version", async () => {
    assert.match((await cli(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
