// Draws a plan: one lane per source, each cell a stretch of the output.
import stringWidth from "string-width";
import { formatTime } from "./format.js";
import { padded, truncated } from "./table.js";
/** @import { ExportPlan, PlannedStep } from "../../types/plan.js" */

const COPIED = "░";
const MIXED = "▒";
const ENCODED = "█";
const LABEL_WIDTH = 16;

/**
 * @param {ExportPlan} plan
 * @param {(source: number) => string} nameOf
 * @param {number} width Cells of the terminal.
 * @returns {string[]} Lines.
 */
export function drawTimeline(plan, nameOf, width) {
  /** @type {Map<number, PlannedStep[]>} */
  const lanes = new Map();
  for (const { source, steps } of plan.runs) lanes.set(source, [...(lanes.get(source) ?? []), ...steps]);
  const labels = new Map([...lanes.keys()].map((source) => [source, truncated(nameOf(source), LABEL_WIDTH)]));
  const labelWidth = Math.max(...[...labels.values()].map((label) => stringWidth(label)));
  const cells = Math.max(10, width - labelWidth - 2);
  const secondsPerCell = plan.output.duration / cells;
  const drawn = [...lanes].map(([source, steps]) =>
    `${padded(labels.get(source) ?? "", labelWidth)}  ${lane(steps, cells, secondsPerCell)}`.trimEnd(),
  );
  const legend = `${COPIED} copied  ${MIXED} both  ${ENCODED} encoded`;
  return [...drawn, `${" ".repeat(labelWidth + 2)}${ruler(plan.output.duration, cells)}`, legend];
}

/**
 * @param {PlannedStep[]} steps
 * @param {number} cells
 * @param {number} secondsPerCell
 */
function lane(steps, cells, secondsPerCell) {
  /** @type {string[]} */
  const row = Array(cells).fill(" ");
  for (const { kind, start, end } of steps) {
    const mark = kind === "copy" ? COPIED : ENCODED;
    // A step ends where the next begins: the cell of its end is its own only where it reaches into it.
    const first = Math.min(cells - 1, Math.floor(start / secondsPerCell + 1e-6));
    const last = Math.min(cells - 1, Math.max(first, Math.ceil(end / secondsPerCell - 1e-6) - 1));
    for (let cell = first; cell <= last; cell++) row[cell] = row[cell] === " " || row[cell] === mark ? mark : MIXED;
  }
  return row.join("");
}

/**
 * @param {number} duration
 * @param {number} cells
 */
function ruler(duration, cells) {
  const from = formatTime(0);
  const to = formatTime(duration);
  return from.length + to.length + 1 > cells ? to.padStart(cells) : from + to.padStart(cells - from.length);
}
