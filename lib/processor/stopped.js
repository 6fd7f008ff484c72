// Why a job that was being processed is left: what its signal is aborted with.

/** @typedef {"cancelled" | "superseded" | "lost" | "handed back"} Why */

export class JobStopped extends Error {
  /** @param {Why} why */
  constructor(why) {
    super(`The job was ${why}`);
    this.why = why;
  }
}
