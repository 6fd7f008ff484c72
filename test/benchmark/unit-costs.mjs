// What ffmpeg needs to decode a picture, to encode one as hybrid exports do, and to make a second of sound:
// the yardstick for how long the unavoidable part of an export takes on this machine at this moment.
import { measure } from "./measure.mjs";

const seconds = 10;
// As src/pipelines/encoder_settings.cc encodes beside copies.
const besideCopies = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-bf", "0"];
const parameters = ["-x264-params", "stitchable=1:scenecut=0:rc-lookahead=4"];

const cpuOf = async (args) => (await measure(["ffmpeg", "-nostdin", "-v", "error", ...args, "-f", "null", "-"])).cpu;

/**
 * @param {{ file: string, fps: number, length: number }} source A camera's file; `length` in seconds.
 * @returns {Promise<{ decode: number, encode: number, sound: number }>} Processor seconds per picture, per
 *   picture, per second.
 */
export async function unitCosts({ file, fps, length }) {
  const part = ["-ss", String(Math.max(0, length / 2 - seconds / 2)), "-t", String(seconds), "-i", file];
  const frames = Math.min(seconds, length) * fps;
  const start = await cpuOf(["-f", "lavfi", "-i", "nullsrc=size=16x16", "-frames:v", "1"]);
  const decode = await cpuOf([...part, "-map", "0:v"]);
  const both = await cpuOf([...part, "-map", "0:v", ...besideCopies, ...parameters]);
  const sound = await cpuOf(["-i", file, "-map", "0:a", "-c:a", "aac", "-b:a", "192k"]);
  return { decode: (decode - start) / frames, encode: (both - decode) / frames, sound: (sound - start) / length };
}
