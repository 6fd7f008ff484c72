// Sound mode smart: AAC frames copied on the output's own grid, two or three coded anew at each cut.
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { cut, exportVideo } from "@opencut/libav";
import { small, temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { ffmpeg, words } from "../support/ffmpeg.mjs";
import { mediaFile, noMedia } from "../support/media.mjs";
import { cutFrom, exportAndCheck } from "./exporting.js";

const halfFrameMs = (1024 / 2 / 48_000) * 1000;

/** Mono samples of a file's sound, from the start of its timeline. */
async function samplesOf(file) {
  const { pipes } = await ffmpeg(["-i", file, ...words("-map 0:a:0 -ac 1 -f f32le -")]);
  const bytes = pipes[0];
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length - (bytes.length % 4)));
}

/** The bytes of each AAC frame. */
async function framesOf(file) {
  const { pipes } = await ffmpeg(["-i", file, ...words("-map 0:a:0 -c copy -f adts -")]);
  const frames = [];
  for (let at = 0; at + 7 < pipes[0].length; ) {
    const length = ((pipes[0][at + 3] & 3) << 11) | (pipes[0][at + 4] << 3) | (pipes[0][at + 5] >> 5);
    frames.push(pipes[0].toString("latin1", at + 7, at + length));
    at += length;
  }
  return frames;
}

/** A picture with the sound of `expression`, or of a file. */
async function withSound(expression, seconds = 4, more = "-c:a aac -b:a 160k") {
  const file = path.join(temporaryFolder(), "sound.mp4");
  const input = ["-f", "lavfi", "-i", `aevalsrc='${expression}':s=48000`];
  await ffmpeg([
    ...words("-y -f lavfi -i testsrc2=size=160x90:rate=30"),
    ...input,
    ...words(`-t ${seconds} -c:v libx264 -g 30 ${more}`),
    file,
  ]);
  return file;
}

const toFixed = (value) => Math.round(value * 1000) / 1000;

/** An edit that goes back and forth between two files with the same content. */
function alternating(file, seconds, count) {
  const at = (i) => toFixed((seconds * i) / count);
  return {
    base: path.dirname(file),
    config: {
      version: 1,
      id: "two",
      projectId: "two",
      projectName: "Two",
      createdAt: "2026-01-01T00:00:00.000Z",
      sources: ["a", "b"].map((id) => ({ id, name: id, filePath: file })),
      segments: Array.from({ length: count }, (_, i) => ({
        sourceIndex: i % 2,
        startTime: at(i),
        endTime: at(i + 1),
        audioFromSource: true,
      })),
      output: { filePath: "out.mp4", format: "mp4", includeAudio: true },
    },
  };
}

describe("smart sound", () => {
  test("of one cut is the source's own, to the sample", async () => {
    const file = await withSound("0.3*sin(2*PI*440*t)+0.2*sin(2*PI*3000*t*t)");
    const source = await samplesOf(file);
    for (const [start, end] of [[0, 2], [0.5, 3], [1.234, 3.9]]) {
      const output = path.join(temporaryFolder(), "cut.mp4");
      const { audio } = await cut(file, output, { start, end });
      assert.deepEqual([audio.mode, audio.packetsEncoded], ["smart", 0]);
      const samples = await samplesOf(output);
      const first = Math.round(start * 48_000);
      const count = Math.round((end - start) * 48_000);
      let farthest = 0;
      for (let i = 0; i < count; i++) farthest = Math.max(farthest, Math.abs(samples[i] - source[first + i]));
      assert.ok(farthest < 1e-4, `from ${start}: ${farthest}`);
    }
  });

  test("of cameras in step lies to the sample, with three frames at most coded anew a cut", async () => {
    const { report } = await exportAndCheck(small, {}, { maxLagMs: 0.2 });
    assert.equal(report.audio.mode, "smart");
    assert.ok(report.audio.packetsEncoded <= 3 * (report.runs.length - 1) + 4, report.audio.packetsEncoded);
    assert.ok(report.audio.packetsCopied > 5 * report.audio.packetsEncoded);
  });

  test("that jumps in time is at most half a frame off", async () => {
    const { report } = await exportAndCheck(await makeMulticam({ jump: true }), {}, { maxLagMs: halfFrameMs + 0.2 });
    assert.equal(report.audio.mode, "smart");
  });

  test("copies frames byte for byte", async () => {
    const { report, output } = await exportAndCheck(small, {});
    const copied = new Set();
    for (const { filePath } of small.config.sources) {
      for (const frame of await framesOf(path.join(small.base, "sources", filePath))) copied.add(frame);
    }
    const frames = await framesOf(output);
    assert.equal(frames.filter((frame) => copied.has(frame)).length, report.audio.packetsCopied);
  });

  /** How far each frame of a cut between two equal files is from its source: signal to noise, dB. */
  async function seams(file, seconds, count) {
    const edit = alternating(file, seconds, count);
    const output = path.join(temporaryFolder(), "out.mp4");
    const report = await exportVideo(edit.config, { mediaBasePath: edit.base, output, audio: "smart" });
    assert.equal(report.audio.mode, "smart");
    const [made, source] = [await samplesOf(output), await samplesOf(file)];
    const rate = report.audio.sampleRate;
    const joints = edit.config.segments.slice(1).map(({ startTime }) => startTime * rate);
    const ratios = [];
    for (let from = 0; from + 1024 <= seconds * rate; from += 1024) {
      // Where two equal sounds are crossfaded at equal power, they are louder.
      if (joints.some((joint) => joint + 130 > from && joint - 130 < from + 1024)) continue;
      let signal = 1e-9;
      let noise = 1e-9;
      for (let i = from; i < from + 1024; i++) {
        signal += source[i] ** 2;
        noise += (source[i] - made[i]) ** 2;
      }
      ratios.push(10 * Math.log10(signal / noise));
    }
    return ratios;
  }

  // Noise and clicks fill the room that a frame has; beside a window that does not fit, 0 to 16 dB would be left.
  const sounds = {
    "a tone": { expression: "0.3*sin(2*PI*440*t)", least: 60 },
    "a sweep": { expression: "0.2*sin(2*PI*200*t*(1+t))", least: 50 },
    "clicks, over which the encoder switches windows": {
      expression: "0.7*lt(mod(t,0.07),0.001)*random(0)+0.05*sin(2*PI*300*t)",
      least: 17,
    },
  };
  for (const [name, { expression, least }] of Object.entries(sounds)) {
    test(`has no seams beside the crossfades: ${name}`, async () => {
      const ratios = await seams(await withSound(expression), 3.9, 60);
      assert.ok(Math.min(...ratios) >= least, `${Math.min(...ratios)} dB`);
    });
  }

  for (const audio of ["smart", "exact"]) {
    test(`fades at equal power over 5 ms, centred on the joint, where it jumps from crest to trough: ${audio}`, async () => {
      // With one and a half periods a frame, so that smart sound is not moved.
      const file = await withSound("0.4*sin(2*PI*70.3125*t)");
      const [rate, half] = [48_000, 120];
      const crest = 47_957;
      const trough = crest + 47 * 1024;
      const { base, config } = cutFrom(file, [[0, crest / rate], [trough / rate, 3]]);
      const output = path.join(temporaryFolder(), "out.mp4");
      await exportVideo(config, { mediaBasePath: base, output, audio });
      const [made, source] = [await samplesOf(output), await samplesOf(file)];
      let farthest = 0;
      for (let i = -2 * half; i < 2 * half; i++) {
        const angle = (Math.PI / 2) * Math.min(1, Math.max(0, (i + half + 0.5) / (2 * half)));
        const wanted = source[crest + i] * Math.cos(angle) + source[trough + i] * Math.sin(angle);
        farthest = Math.max(farthest, Math.abs(made[crest + i] - wanted));
      }
      assert.ok(farthest < 0.01, `${farthest}`);
    });
  }

  for (const name of ["hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4", "mp4-gopro-gpmd-tmcd-2997.mp4"]) {
    const camera = mediaFile(name);
    test(`has no seams in a camera's sound: ${name}`, { skip: !camera && noMedia }, async () => {
      // Beside pictures that take less to encode than the camera's.
      const file = path.join(temporaryFolder(), "camera.mp4");
      const pictures = words("-f lavfi -i testsrc2=size=320x180:rate=30 -map 1:v -c:v libx264 -preset ultrafast -g 30");
      await ffmpeg(["-i", camera, ...pictures, ...words("-map 0:a:0 -c:a copy -t 2"), file]);
      const ratios = await seams(file, 1.9, 12);
      assert.ok(Math.min(...ratios) >= 30, `${Math.min(...ratios)} dB`);
    });
  }

  test("is silent where a segment is not heard, and goes on behind it", async () => {
    const edit = structuredClone(small);
    edit.config.segments.forEach((segment, i) => (segment.audioFromSource = i % 3 !== 1));
    const { report } = await exportAndCheck(edit, {}, { maxLagMs: 0.2 });
    assert.equal(report.audio.mode, "smart");
  });

  test("falls silent within a hole in its source's sound, with no more than a fade of it left", async () => {
    const whole = await withSound("0.3*sin(2*PI*440*t)");
    const file = path.join(temporaryFolder(), "hole.mp4");
    await ffmpeg(["-i", whole, ...words("-c copy -bsf:a noise=drop='between(n,80,100)'"), file]);
    const { report, output } = await exportAndCheck(cutFrom(file, [[0, 3.9]]));
    assert.equal(report.audio.mode, "smart");
    const made = await samplesOf(output);
    const loudest = (from, to) => made.subarray(from * 1024, to * 1024).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // Packets 80 to 100 are missing, one of priming is not counted; a fade reaches 120 samples into the hole, and a frame
    // that is coded with it spreads some noise, a tenth of the tone at most; half a window of the tone would be all of it.
    const left = loudest(79 + 120 / 1024, 99.5);
    assert.ok(left < 0.03, `${left}`);
    assert.ok(loudest(77, 78) > 0.25 && loudest(102, 103) > 0.25, "the sound on both sides is there");
  });

  test("gives way to exact sound, with a warning only where it was asked for", async () => {
    const mixed = await makeMulticam({ rates: ["48000", "44100"] });
    const usual = await exportAndCheck(mixed);
    assert.equal(usual.report.audio.mode, "exact");
    assert.ok(!usual.report.warnings.some(({ message }) => /cannot be copied/.test(message)));
    const asked = await exportAndCheck(mixed, { audio: "smart" });
    assert.equal(asked.report.audio.mode, "exact");
    assert.ok(asked.report.warnings.some(({ code }) => code === "AUDIO_CONVERTED"));
  });
});
