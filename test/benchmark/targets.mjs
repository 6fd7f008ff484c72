// What the figures are held against, and tables of both.

const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);

/**
 * @typedef {{ medians: Record<string, Record<string, number>>, unitCosts: Record<string, number> | null,
 *   quality: Record<string, { frames: number, psnr: number }> }} Figures
 * @typedef {{ what: string, value: number, limit: number, unit: string }} Target `value` should be at most `limit`.
 */

/** The least wall time that copying, and decoding and encoding at ffmpeg's cost, can take. */
function unavoidable({ medians, unitCosts }, name, { cores, seconds }) {
  const { framesDecoded, framesEncoded } = medians[name];
  const work = framesDecoded * unitCosts.decode + framesEncoded * unitCosts.encode + seconds * unitCosts.sound;
  return medians["own copy"].wall + work / cores;
}

/**
 * @param {Figures} figures
 * @param {{ cores: number, seconds: number }} conditions `seconds`: of output.
 * @returns {Target[]}
 */
export function targets(figures, conditions) {
  const m = figures.medians;
  const found = [];
  const target = (what, value, limit, unit = "") => found.push({ what, value, limit, unit });
  if (m["own copy"] && m["today copy"])
    target("copy: CPU against cut and concatenate", m["own copy"].cpu / m["today copy"].cpu, 1 / 8, "x");
  if (m["own copy"]) target("copy: peak memory", m["own copy"].peakBytes / 2 ** 20, 120, "MB");
  if (m["own hybrid"]) {
    // Copied sound is no work that ffmpeg's encoder would do.
    const least = unavoidable(figures, "own hybrid", { ...conditions, seconds: 0 });
    target("hybrid: wall against its unavoidable work", m["own hybrid"].wall / least, 1.15, "x");
    const leastExact = unavoidable(figures, "own hybrid, exact sound", conditions);
    const exact = m["own hybrid, exact sound"].wall / leastExact;
    target("hybrid, exact sound: wall against its unavoidable work", exact, 1.25, "x");
    target("hybrid on IDR: CPU against copy", m["own hybrid on IDR"].cpu / m["own copy on IDR"].cpu, 1.3, "x");
    if (m["today reencode"])
      target("hybrid: wall against today's full encode", m["own hybrid"].wall / m["today reencode"].wall, 1 / 4, "x");
    target("hybrid: peak memory", m["own hybrid"].peakBytes / 2 ** 20, 350, "MB");
  }
  if (m["own reencode"]) {
    target("reencode: CPU against one ffmpeg", m["own reencode"].cpu / m["one ffmpeg"].cpu, 1.05, "x");
    target(
      "reencode: peak memory against one ffmpeg",
      m["own reencode"].peakBytes / m["one ffmpeg"].peakBytes,
      1.1,
      "x",
    );
  }
  const { "own reencode": own, "one ffmpeg": other } = figures.quality;
  if (own && other) {
    target("reencode: pictures more or fewer than one ffmpeg", Math.abs(own.frames - other.frames), 0);
    target("reencode: PSNR below one ffmpeg", other.psnr - own.psnr, 0.1, "dB");
  }
  return found;
}

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

/** @param {Figures["medians"]} medians @returns {string[]} Lines. */
export function figureTable(medians) {
  const rows = Object.entries(medians).map(([name, f]) => [
    name,
    f.wall.toFixed(2),
    f.cpu.toFixed(2),
    f.peakBytes ? megabytes(f.peakBytes) : "",
    f.outputBytes ? megabytes(f.outputBytes) : "",
    f.bytesRead ? megabytes(f.bytesRead) : "",
    f.framesCopied === undefined ? "" : `${f.framesCopied}/${f.framesEncoded}/${f.framesDecoded}`,
    f.cpuPerCall ? (f.cpuPerCall * 1000).toFixed(3) : "",
    f.eventLoopDelayMs === undefined ? "" : f.eventLoopDelayMs.toFixed(1),
  ]);
  return layOut([
    ["median", "wall s", "CPU s", "peak MB", "out MB", "read MB", "copied/encoded/decoded", "ms/call", "loop p99 ms"],
    ...rows,
  ]);
}

/** @param {Target[]} list @returns {string[]} Lines. */
export function targetTable(list) {
  const rows = list.map(({ what, value, limit, unit }) => [
    what,
    `${value.toFixed(3)} ${unit}`.trim(),
    `${limit.toFixed(3)} ${unit}`.trim(),
    value <= limit ? "met" : "MISSED",
  ]);
  return layOut([["target", "measured", "at most", ""], ...rows]);
}
