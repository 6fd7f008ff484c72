// Columns of text that fit a width.
import stringWidth from "string-width";

const GAP = "  ";
const NARROWEST = 8;

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {string[]} values One per row.
 * @property {boolean} [right] Aligned to the right.
 * @property {boolean} [shrinks] May be cut short where room is lacking.
 * @property {number} [goes] Left out where room is still lacking, the lowest number first.
 */

/**
 * @param {Column[]} columns
 * @param {number} width Cells of the terminal.
 * @returns {string[]} A line of titles and one per row.
 */
export function layOut(columns, width) {
  let kept = columns;
  for (;;) {
    const widths = fitted(kept, width);
    if (widths) return lines(kept, widths);
    const next = kept.filter((column) => column.goes !== undefined).sort((a, b) => Number(a.goes) - Number(b.goes))[0];
    // Nothing left to give up: the terminal breaks the lines.
    if (!next) return lines(kept, kept.map(naturalWidth));
    kept = kept.filter((column) => column !== next);
  }
}

/** @param {Column} column */
function naturalWidth({ title, values }) {
  return Math.max(stringWidth(title), ...values.map((value) => stringWidth(value)));
}

/**
 * Widths that add up to `width` at most; undefined when shrinking does not reach it.
 * @param {Column[]} columns
 * @param {number} width
 */
function fitted(columns, width) {
  const widths = columns.map(naturalWidth);
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1) - width;
  for (let i = columns.length - 1; i >= 0 && excess > 0; i--) {
    const natural = /** @type {number} */ (widths[i]);
    if (!columns[i]?.shrinks || natural <= NARROWEST) continue;
    const given = Math.min(excess, natural - NARROWEST);
    widths[i] = natural - given;
    excess -= given;
  }
  return excess > 0 ? undefined : widths;
}

/**
 * @param {Column[]} columns
 * @param {number[]} widths
 */
function lines(columns, widths) {
  const rows = columns[0]?.values.length ?? 0;
  /** @param {(column: Column) => string} text */
  const line = (text) =>
    columns
      .map((column, i) => padded(truncated(text(column), Number(widths[i])), Number(widths[i]), column.right))
      .join(GAP)
      .trimEnd();
  return [
    line((column) => column.title),
    ...Array.from({ length: rows }, (_, row) => line((column) => column.values[row] ?? "")),
  ];
}

/**
 * @param {string} text
 * @param {number} width
 */
export function truncated(text, width) {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * @param {string} text
 * @param {number} width
 * @param {boolean} [right]
 */
export function padded(text, width, right) {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return right ? space + text : text + space;
}
