// Exports in a browser: a player shows every picture, and the right one after a seek to anywhere.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { exportVideo } from "@opencut/libav";
import { temporaryFolder } from "../binding/support/footage.js";
import { makeMulticam } from "../fixtures/make-multicam.mjs";
import { barcodeArea, barcodesOf, readBarcodes } from "../support/barcode.mjs";
import { inspect } from "../support/verify/container.mjs";
import { expectedPictures } from "../support/verify/verify-export.mjs";
import { noBrowser, openBrowser, serveFiles } from "./browser.js";

const seeks = 24;
const width = 320;
const hevc = 'video/mp4; codecs="hvc1.1.6.L60.90"';

let browser;
let server;

/** @typedef {{ camera: number, frame: number, seconds: number }[]} Pictures What is shown from when on. */

/** @returns {Promise<Pictures>} As the timeline rule has them. */
async function askedFor({ base, config }, mode) {
  const pictures = await expectedPictures(config, { mediaBase: base, mode });
  return pictures.map(({ source, ...picture }) => ({ camera: source, ...picture }));
}

/** @returns {Promise<Pictures>} As the ffmpeg command line has them: a copy in whole GOPs shows more than was asked for. */
async function decoded(file) {
  const { video, packetsOf } = await inspect(file);
  const [num, den] = video.time_base.split("/").map(Number);
  const times = packetsOf(video).map(({ pts }) => (pts * num) / den);
  times.sort((a, b) => a - b);
  return (await readBarcodes(file, width)).map((picture, i) => ({ ...picture, seconds: times[i] }));
}

/** Indices of pictures: the first, the last, those around each joint, and others all over, in no order of time. */
function seekTargets(pictures) {
  const joins = ({ camera, frame }, before) => camera !== before.camera || frame !== before.frame + 1;
  const joints = pictures.flatMap((picture, k) => (k > 0 && joins(picture, pictures[k - 1]) ? [k - 1, k] : []));
  const targets = new Set([0, pictures.length - 1, ...joints].slice(0, seeks));
  for (let i = 1; targets.size < seeks; i++) targets.add(Math.floor(pictures.length * ((i * 0.618) % 1)));
  const ascending = [...targets].sort((a, b) => a - b);
  return ascending.map((_, i) => ascending[(i * 7) % seeks]);
}

/** The middle of the time that a picture is shown. */
function middle(pictures, k) {
  const [from, to] = k + 1 < pictures.length ? [k, k + 1] : [k - 1, k];
  return pictures[k].seconds + (pictures[to].seconds - pictures[from].seconds) / 2;
}

async function openPage() {
  const page = await browser.newPage();
  await page.goto(`${server.address}/index.html`);
  return page;
}

/** Plays a file to its end, then seeks in it. @param {string} file @param {Pictures} expected */
async function playAndSeek(file, expected) {
  const url = `/${path.basename(path.dirname(file))}/${path.basename(file)}`;
  server.files.set(url, file);
  const page = await openPage();
  const { error, pictures, soundBytes } = await page.evaluate(`play("${url}")`);
  assert.equal(error, null);
  assert.equal(pictures, expected.length);
  assert.ok(soundBytes > 0);
  const area = JSON.stringify(barcodeArea(width));
  for (const k of seekTargets(expected)) {
    const luma = await page.evaluate(`pictureAt(${middle(expected, k)}, ${area})`);
    const { camera, frame } = expected[k];
    assert.deepEqual(barcodesOf(luma), [{ frame, camera }], `picture ${k}`);
  }
  await page.close();
}

/** @param {object} footage Of makeMulticam(). @param {{ options?: object, output?: object }} [made] The export's, the config's. */
async function exportAndPlay(footage, { options = {}, output = {} } = {}) {
  const { base, config } = await makeMulticam(footage);
  const edit = { ...config, output: { ...config.output, ...output } };
  const file = path.join(temporaryFolder(), `out.${edit.output.format}`);
  const report = await exportVideo(edit, { mediaBasePath: base, output: file, mode: "hybrid", ...options });
  const mode = report.mode === "reencode" ? "reencode" : "exact";
  const expected = report.mode === "copy" ? await decoded(file) : await askedFor({ base, config: edit }, mode);
  assert.equal(expected.length, report.output.framesCopied + report.output.framesEncoded);
  await playAndSeek(file, expected);
  return report;
}

const inBrowser = (name, body) => test(name, { skip: noBrowser }, body);

describe("Chromium plays every picture and seeks to the right one", { concurrency: true }, () => {
  before(async () => {
    if (!noBrowser) [browser, server] = await Promise.all([openBrowser(), serveFiles()]);
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  inBrowser("in closed GOPs, with sound copied in packets but at the cuts", async () => {
    const report = await exportAndPlay({}, { options: { audio: "smart" } });
    assert.ok(report.output.framesCopied > 0);
    assert.equal(report.audio.mode, "smart");
  });

  inBrowser("with sound encoded anew", async () => {
    const report = await exportAndPlay({}, { options: { audio: "exact" } });
    assert.equal(report.audio.mode, "exact");
  });

  inBrowser("of cameras with clocks, phases and encoders of their own", async () => {
    const report = await exportAndPlay({ phase: true, offset: true, profiles: ["high", "baseline", "cavlc"] });
    assert.ok(report.output.framesCopied > 0);
  });

  inBrowser("in open GOPs, from I pictures that are made IDR", async () => {
    // Short ones, so that copies run through I pictures that are not.
    const report = await exportAndPlay({ openGop: true, gop: 10 });
    assert.ok(report.output.framesCopied > report.output.framesEncoded);
  });

  inBrowser("of cameras of three rates", async () => {
    await exportAndPlay({ fps: ["30", "30000/1001", "25"] });
  });

  inBrowser("of packets only", async () => {
    const report = await exportAndPlay({}, { options: { mode: "copy" } });
    assert.equal(report.output.framesEncoded, 0);
  });

  inBrowser("of VP9 and Opus", async () => {
    const report = await exportAndPlay(
      { seconds: 3, segments: 4 },
      { options: { mode: "reencode" }, output: { format: "webm" } },
    );
    assert.deepEqual([report.output.codec, report.audio.codec], ["vp9", "opus"]);
  });

  inBrowser("of HEVC", async (t) => {
    const page = await openPage();
    const plays = await page.evaluate(`document.createElement("video").canPlayType('${hevc}')`);
    await page.close();
    if (!plays) return t.skip("this Chromium has no decoder for HEVC");
    await exportAndPlay({ codec: "libx265" });
  });
});
