import cliProgress from "cli-progress";
import { formatTime } from "./format.js";
/** @import { ExportProgress } from "../../types/job.js" */

// What stands beside the bar, at its longest.
const TEXT_WIDTH = 68;

/**
 * A bar on stderr that shows how far an export has come; where stderr is no terminal, nothing.
 * @returns {{ update: (progress: ExportProgress) => void, stop: () => void }}
 */
export function createProgressBar() {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: "{bar} {percentage} % {phase}, segment {segment} of {segments}{speed}{left}",
    barsize: Math.max(8, Math.min(40, (process.stderr.columns || 80) - TEXT_WIDTH)),
    barCompleteChar: "█",
    barIncompleteChar: "░",
    gracefulExit: false, // Signals are the command's own business.
    clearOnComplete: true,
  });
  let started = false;
  return {
    update(progress) {
      const state = {
        phase: progress.phase,
        segment: progress.segment + 1,
        segments: progress.segments,
        speed: progress.speed === null ? "" : `, ${progress.speed.toFixed(1)}x`,
        left: progress.etaSeconds === null ? "" : `, ${formatTime(progress.etaSeconds).replace(/\.\d+$/, "")} left`,
      };
      if (!started) bar.start(1, 0, state);
      started = true;
      bar.update(progress.progress, state);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}
