// Whether processes are still there.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Also of one that has ended and that nobody has taken note of, as init does not in every container. */
function isGone(pid) {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

/** @param {number} pid */
export async function gone(pid) {
  while (!isGone(pid)) await sleep(5);
}
