// Quantities as people read them.
/** @import { Rational } from "../../types/time.js" */

/** @param {number} seconds "1:02:03.450" */
export function formatTime(seconds) {
  const total = Math.round(Math.abs(seconds) * 1000);
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const rest = ((total % 60_000) / 1000).toFixed(3).padStart(6, "0");
  const sign = seconds < 0 && total > 0 ? "-" : "";
  return hours > 0 ? `${sign}${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${sign}${minutes}:${rest}`;
}

/** @param {number} bytes "103.2 MB" */
export function formatBytes(bytes) {
  return withPrefix(bytes, "B");
}

/** @param {number} bitsPerSecond "8.2 Mb/s" */
export function formatBitRate(bitsPerSecond) {
  return withPrefix(bitsPerSecond, "b/s");
}

/**
 * @param {number} value
 * @param {string} unit
 */
function withPrefix(value, unit) {
  const prefixes = ["", "k", "M", "G", "T"];
  let step = 0;
  while (value >= 999.95 && step < prefixes.length - 1) {
    value /= 1000;
    step++;
  }
  return `${step === 0 ? Math.round(value) : value.toFixed(1)} ${prefixes[step]}${unit}`;
}

/** @param {Rational} rate "29.97 fps" */
export function formatFrameRate([numerator, denominator]) {
  return `${Number((numerator / denominator).toFixed(3))} fps`;
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * @param {number} part
 * @param {number} whole
 */
export function formatShare(part, whole) {
  return whole === 0 ? "0 %" : `${Number(((100 * part) / whole).toFixed(1))} %`;
}
