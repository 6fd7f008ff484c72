// Frames that say which they are: a row of black and white blocks in the upper left corner, ten for the
// frame's number (modulo 1024) and three for the camera's. Blocks lie on whole macroblocks and are read by
// their mean, so they outlast re-encoding.
import { ffmpeg, words } from "./ffmpeg.mjs";

const frameBits = 10;
const cameraBits = 3;
const blocks = frameBits + cameraBits;

/**
 * Side of a block in pixels: a whole number of macroblocks, the row about a third of the picture.
 * @param {number} width
 */
export const blockSize = (width) => Math.max(16, Math.floor(width / 40 / 16) * 16);

/**
 * The ffmpeg filters that draw the blocks.
 * @param {{ width: number, camera: number }} options
 */
export function barcodeFilter({ width, camera }) {
  const side = blockSize(width);
  const box = (i, count, colour, when) =>
    `drawbox=x=${i * side}:y=0:w=${count * side}:h=${side}:t=fill:c=${colour}${when ? `:enable='${when}'` : ""}`;
  const drawn = [box(0, blocks, "black")];
  for (let bit = 0; bit < frameBits; bit++) {
    drawn.push(box(bit, 1, "white", `mod(floor(n/${2 ** bit}),2)`));
  }
  for (let bit = 0; bit < cameraBits; bit++) {
    if ((camera >> bit) & 1) drawn.push(box(frameBits + bit, 1, "white"));
  }
  return drawn.join(",");
}

const columns = blocks * 4;
const rows = 4;

/**
 * Where the blocks lie in a picture, and the size to scale them to for barcodesOf().
 * @param {number} width Of the picture.
 */
export const barcodeArea = (width) => ({ width: blocks * blockSize(width), height: blockSize(width), columns, rows });

/** The ffmpeg filters that leave of a picture what barcodesOf() reads. */
export function barcodeReader(width) {
  const area = barcodeArea(width);
  return `crop=${area.width}:${area.height}:0:0,scale=${columns}:${rows}:flags=area,format=gray`;
}

/**
 * Reads the blocks of every picture of a file, in the order shown.
 * @param {string} file
 * @param {number} width Of the pictures as they were when the blocks were drawn and as they are now.
 * @returns {Promise<{ camera: number, frame: number }[]>}
 */
export async function readBarcodes(file, width) {
  const keepAll = words("-map 0:v:0 -fps_mode passthrough -f rawvideo");
  const { pipes } = await ffmpeg(["-i", file, ...keepAll, "-vf", barcodeReader(width), "-"]);
  return barcodesOf(pipes[0]);
}

/** @param {Uint8Array} read Luma, as barcodeReader() gives it. @returns {{ camera: number, frame: number }[]} */
export function barcodesOf(read) {
  const pictures = [];
  for (let at = 0; at < read.length; at += columns * rows) {
    const bit = (i) => {
      const p = at + i * 4 + 1;
      const sum = [p, p + 1, p + columns, p + columns + 1, p + 2 * columns, p + 2 * columns + 1];
      return sum.reduce((total, k) => total + read[k], 0) > 127 * sum.length ? 1 : 0;
    };
    const number = (from, count) =>
      Array.from({ length: count }, (_, i) => bit(from + i) << i).reduce((a, b) => a | b, 0);
    pictures.push({ frame: number(0, frameBits), camera: number(frameBits, cameraBits) });
  }
  return pictures;
}
