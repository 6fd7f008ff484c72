// Counts of passed, failed and skipped tests over several runners.

import { StepFailed } from "./command.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

export const passed = Object.freeze({ passed: 1, failed: 0, skipped: 0 });
export const failed = Object.freeze({ passed: 0, failed: 1, skipped: 0 });

/** @param {Counts[]} list @returns {Counts} */
export const sum = (list) =>
  list.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** Adds up what the parts of a run report, and prints where the time went. */
export class Tally {
  #parts = [];

  /**
   * Runs one part. One that throws counts as one failure, and the run goes on.
   * @param {string} name
   * @param {() => Counts | Promise<Counts>} body
   */
  async part(name, body) {
    console.log(`\n== ${name}`);
    const start = performance.now();
    let counts;
    try {
      counts = await body();
    } catch (error) {
      console.error(error instanceof StepFailed ? error.message : error);
      counts = failed;
    }
    this.#parts.push({ name, ...counts, seconds: (performance.now() - start) / 1000 });
    return counts;
  }

  /** Prints a line per part and the sum, the sum last; sets the exit status. */
  finish() {
    const width = Math.max(...this.#parts.map((part) => part.name.length));
    console.log("");
    for (const part of this.#parts) {
      console.log(`${part.name.padEnd(width)}  ${inWords(part)}  (${part.seconds.toFixed(1)} s)`);
    }
    const all = sum(this.#parts);
    console.log(inWords(all));
    process.exitCode = all.failed > 0 ? 1 : 0;
  }
}

/** @param {Counts} counts */
export const inWords = ({ passed: p, failed: f, skipped: s }) => `${p} passed, ${f} failed, ${s} skipped`;
