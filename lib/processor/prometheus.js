// A processor's figures as Prometheus text.
import { MediaError } from "../errors.js";
/** @import { ProcessorMetrics } from "../../types/processor.js" */

/** @type {[keyof ProcessorMetrics, "Counter" | "Gauge", string, string][]} */
const METRICS = [
  ["jobsCompleted", "Counter", "opencut_jobs_completed_total", "Jobs whose output was published."],
  ["jobsFailed", "Counter", "opencut_jobs_failed_total", "Jobs that failed for good."],
  ["jobsCancelled", "Counter", "opencut_jobs_cancelled_total", "Jobs that were cancelled in mid-render."],
  ["jobsHandedBack", "Counter", "opencut_jobs_handed_back_total", "Jobs given back unfinished."],
  ["jobsTakenOver", "Counter", "opencut_jobs_taken_over_total", "Jobs taken from owners without a sign of life."],
  ["jobsLost", "Counter", "opencut_jobs_lost_total", "Jobs taken from this processor by another."],
  ["jobsRemoved", "Counter", "opencut_jobs_removed_total", "Jobs removed by retention."],
  ["attempts", "Counter", "opencut_attempts_total", "Renders begun."],
  ["retries", "Counter", "opencut_retries_total", "Renders begun again after a failure."],
  ["crashes", "Counter", "opencut_crashes_total", "Attempts that ended with their child process."],
  ["completedSeconds", "Counter", "opencut_completed_seconds_total", "Seconds from claim to end of completed jobs."],
  ["bytesPublished", "Counter", "opencut_published_bytes_total", "Bytes of published outputs."],
  ["jobsRunning", "Gauge", "opencut_jobs_running", "Jobs claimed now."],
  ["jobsWaiting", "Gauge", "opencut_jobs_waiting", "Jobs that waited at the last look."],
  ["memoryReservedBytes", "Gauge", "opencut_memory_reserved_bytes", "Memory that running jobs need, estimated."],
  ["memoryBudgetBytes", "Gauge", "opencut_memory_budget_bytes", "Memory that running jobs may need together."],
];

/** @param {ProcessorMetrics} figures @returns {Promise<string>} */
export async function prometheusText(figures) {
  const { Counter, Gauge, Registry } = await loadClient();
  // Figures are kept elsewhere: each text has a registry of its own, and the process's default one stays as it is.
  const registry = new Registry();
  for (const [key, kind, name, help] of METRICS) {
    const metric = new (kind === "Counter" ? Counter : Gauge)({ name, help, registers: [registry] });
    metric.inc(figures[key]);
  }
  return registry.metrics();
}

async function loadClient() {
  try {
    const client = await import("prom-client");
    return client.default ?? client;
  } catch (cause) {
    throw new MediaError("ERR_PLAN_UNSUPPORTED", "Prometheus text needs the package prom-client", {
      hint: "Run: npm install prom-client",
      cause,
    });
  }
}
