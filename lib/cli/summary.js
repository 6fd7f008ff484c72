// Plans, reports and what they have in common, in words.
import { counted, formatBytes, formatFrameRate, formatShare, formatTime } from "./format.js";
import { layOut } from "./table.js";
import { drawTimeline } from "./timeline.js";
/** @import { ExportReport } from "../../types/export.js" */
/** @import { ExportPlan, PlannedRun } from "../../types/plan.js" */

/** @param {ExportReport} report */
export function describeReport(report) {
  const seconds = report.elapsedMs / 1000;
  const speed = seconds > 0 ? `, ${(report.output.duration / seconds).toFixed(1)}x real time` : "";
  return [
    ...facts(report, formatBytes(report.output.bytes)),
    `  took     ${seconds.toFixed(1)} s${speed}`,
    ...warnings(report),
  ].join("\n");
}

/**
 * @param {ExportPlan} plan
 * @param {(source: number) => string} nameOf
 * @param {number} width
 */
export function describePlan(plan, nameOf, width) {
  return [
    ...facts(plan, `about ${formatBytes(plan.output.estimatedBytes)}`),
    "",
    ...runTable(plan.runs, nameOf, width),
    "",
    ...drawTimeline(plan, nameOf, width),
    ...warnings(plan),
  ].join("\n");
}

/**
 * @param {ExportPlan} plan
 * @param {string} size
 */
function facts({ mode, output, audio, runs }, size) {
  const { framesCopied, framesEncoded } = output;
  const share = formatShare(framesEncoded, framesCopied + framesEncoded);
  const picture = `${output.codec} ${output.width}x${output.height} ${formatFrameRate(output.frameRate)}`;
  const sound =
    audio && `${audio.codec} ${audio.sampleRate} Hz ${audio.channelLayout ?? counted(audio.channels, "channel")}`;
  return [
    output.path,
    `  file     ${output.format}, ${formatTime(output.duration)}, ${size}; ${counted(runs.length, "run")}, mode ${mode}`,
    `  picture  ${picture}; ${counted(framesCopied, "frame")} copied, ${framesEncoded} encoded (${share})`,
    `  sound    ${audio ? `${sound}; ${audio.mode}` : "none"}`,
  ];
}

/** @param {ExportPlan} plan */
function warnings(plan) {
  return plan.warnings.map(({ code, message, segment }) => {
    const place = segment === undefined ? "" : `segments[${segment}]: `;
    return `warning: ${place}${message} (${code})`;
  });
}

/**
 * @param {readonly PlannedRun[]} runs
 * @param {(source: number) => string} nameOf
 * @param {number} width
 */
function runTable(runs, nameOf, width) {
  /** @param {(run: PlannedRun) => string} value */
  const column = (value) => runs.map(value);
  return layOut(
    [
      { title: "segments", values: column(({ segments: [a, b] }) => (a === b ? `${a}` : `${a}-${b}`)), right: true },
      { title: "source", values: column((run) => nameOf(run.source)), shrinks: true },
      { title: "in", values: column((run) => formatTime(run.actual.start)), right: true, goes: 2 },
      { title: "out", values: column((run) => formatTime(run.actual.end)), right: true, goes: 1 },
      { title: "at", values: column((run) => formatTime(run.timelineStart)), right: true, goes: 3 },
      { title: "late ms", values: column((run) => run.offsetMs.toFixed(1)), right: true, goes: 0 },
      { title: "copied", values: column((run) => `${frames(run, "copy")}`), right: true },
      { title: "encoded", values: column((run) => `${frames(run, "encode")}`), right: true },
      { title: "why encoded", values: column(reasons), shrinks: true, goes: 4 },
    ],
    width,
  );
}

/**
 * @param {PlannedRun} run
 * @param {"copy" | "encode"} kind
 */
function frames(run, kind) {
  return run.steps.reduce((sum, step) => sum + (step.kind === kind ? step.frames : 0), 0);
}

/** @param {PlannedRun} run */
function reasons(run) {
  return [...new Set(run.steps.map((step) => step.reason).filter(Boolean))].join("; ");
}
