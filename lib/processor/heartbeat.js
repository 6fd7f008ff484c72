// Shows that the owner of a claim lives, and notices when the claim is not its own any more.
/** @import { Claim } from "./claim_records.js" */
/** @import { Claims } from "./claims.js" */

// A few may fail or be late before a lease is over.
const BEATS_PER_LEASE = 6;

/**
 * @param {Claims} claims
 * @param {Claim} claim
 * @param {object} options
 * @param {number} options.leaseMs
 * @param {() => void} options.onLost Called at most once.
 * @param {(error: unknown) => void} options.onError The next beat tries again.
 * @returns {() => void} Stops it.
 */
export function startHeartbeat(claims, claim, { leaseMs, onLost, onError }) {
  let count = 0;
  let isBusy = false;
  const timer = setInterval(async () => {
    if (isBusy) return; // The disk is slower than the heart.
    isBusy = true;
    try {
      if (await claims.beat(claim, ++count)) return;
      clearInterval(timer);
      onLost();
    } catch (error) {
      onError(error);
    } finally {
      isBusy = false;
    }
  }, leaseMs / BEATS_PER_LEASE);
  return () => clearInterval(timer);
}
