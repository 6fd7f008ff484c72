// What a processor does now and then, besides its jobs.
import { removeSurplus } from "./retention.js";
import { createSweeper } from "./sweep.js";
/** @import { RetentionOptions } from "../../types/processor.js" */
/** @import { Scanner } from "./scan.js" */
/** @import { Service } from "./service.js" */

const LONGEST_INTERVAL_MS = 10_000;

/**
 * @param {Service} service
 * @param {Scanner} scanner
 * @param {Required<RetentionOptions> | null} retention
 * @returns {() => Promise<void>} To be called often; does something when it is time.
 */
export function createHousekeeping(service, scanner, retention) {
  const sweep = createSweeper(service);
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, service.settings.leaseMs / 3);
  let lastMs = -Infinity;
  return async () => {
    if (performance.now() - lastMs < intervalMs) return;
    lastMs = performance.now();
    await sweep();
    if (retention) await removeSurplus(service, scanner, retention);
  };
}
