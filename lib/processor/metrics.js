// What a processor counts.
/** @import { ProcessorMetrics } from "../../types/processor.js" */

/** @typedef {{ -readonly [K in keyof ProcessorMetrics]: number }} Counts */

/** @param {number} memoryBudgetBytes @returns {Counts} */
export function createCounts(memoryBudgetBytes) {
  return {
    jobsCompleted: 0,
    jobsFailed: 0,
    jobsCancelled: 0,
    jobsHandedBack: 0,
    jobsTakenOver: 0,
    jobsLost: 0,
    jobsRemoved: 0,
    attempts: 0,
    retries: 0,
    crashes: 0,
    completedSeconds: 0,
    bytesPublished: 0,
    jobsRunning: 0,
    jobsWaiting: 0,
    memoryReservedBytes: 0,
    memoryBudgetBytes,
  };
}
