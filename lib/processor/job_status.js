// What stands in a job's status.json, for each of its states.
/** @import { JobStatus } from "../../types/processor.js" */
/** @import { Content } from "./job_folder.js" */
/** @import { ExportProgress } from "../../types/job.js" */
/** @import { MediaErrorJson } from "../../types/errors.js" */

// 1 is for a job whose output has its name.
const MOST_UNPUBLISHED = 0.999;

/** @param {string} jobId @returns {JobStatus} */
export function pendingStatus(jobId) {
  return { jobId, status: "pending", progress: 0, message: "Waiting for a processor" };
}

/** @param {string} jobId @param {string} message @param {number} [progress] @returns {JobStatus} */
export function processingStatus(jobId, message, progress = 0) {
  return { jobId, status: "processing", progress, message };
}

/** @param {string} jobId @param {ExportProgress} progress @returns {JobStatus} */
export function progressStatus(jobId, progress) {
  return processingStatus(jobId, messageOf(progress), Math.min(progress.progress, MOST_UNPUBLISHED));
}

/** @param {string} jobId @returns {JobStatus} */
export function completedStatus(jobId) {
  return {
    jobId,
    status: "completed",
    progress: 1,
    message: "Completed",
    downloadUrl: `/api/export/${encodeURIComponent(jobId)}/download`,
  };
}

/** @param {string} jobId @param {MediaErrorJson} error @param {number} [progress] @returns {JobStatus} */
export function failedStatus(jobId, { code, message, hint }, progress = 0) {
  return { jobId, status: "failed", progress, error: message, code, ...(hint !== undefined && { hint }) };
}

/** Whether somebody has set it so. @param {Content} status */
export function isCancelled(status) {
  return status.kind === "read" && status.value.status === "cancelled";
}

/** @param {ExportProgress} progress */
function messageOf({ phase, segment, segments }) {
  switch (phase) {
    case "planning":
      return "Looking at the sources";
    case "rendering":
      return `Rendering segment ${segment + 1} of ${segments}`;
    case "finalizing":
      return "Finishing the file";
    default:
      return "Checking the file";
  }
}
