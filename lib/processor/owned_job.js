// A job that this process has claimed: what it knows of it, and what it may still write.
import { processingStatus, progressStatus } from "./job_status.js";
import { removeLeftovers, removeParts } from "./parts.js";
import { createStatusWriter } from "./status_file.js";
import { JobStopped } from "./stopped.js";
/** @import { ExportProgress } from "../../types/job.js" */
/** @import { JobStatus } from "../../types/processor.js" */
/** @import { Claim } from "./claim_records.js" */
/** @import { JobFolder } from "./job_folder.js" */
/** @import { Service } from "./service.js" */

export class OwnedJob {
  #service;
  #status;
  /** @type {ExportProgress | undefined} What is to be written next. */
  #latest;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #hasComplained = false;
  #isWriting = false;

  /** What has to be left of it is left by aborting this. */
  stop = new AbortController();
  /** @type {any} */
  config;
  /** @type {import("../errors.js").MediaError | undefined} Why there is nothing to render. */
  problem;
  /** Where its parts lie. */
  outputFolder;
  /** As last reported. */
  progress = 0;
  /** Whether its end stands in its claim: from then on it is carried out, by this process or another. */
  isEnded = false;

  /**
   * @param {Service} service
   * @param {JobFolder} folder
   * @param {Claim} claim
   * @param {unknown} config
   * @param {AbortSignal} handBack
   */
  constructor(service, folder, claim, config, handBack) {
    this.#service = service;
    this.folder = folder;
    this.claim = claim;
    this.id = folder.id;
    this.config = config;
    this.handBack = handBack;
    this.outputFolder = folder.path;
    this.#status = createStatusWriter(folder, claim.token, () => service.claims.isLatest(claim));
  }

  get status() {
    return this.#status;
  }

  /** @param {import("./stopped.js").Why} why */
  leave(why) {
    if (!this.isEnded && !this.stop.signal.aborted) this.stop.abort(new JobStopped(why));
  }

  /**
   * Writes its status, unless it is not to be processed any more.
   * @param {JobStatus} status
   */
  async write(status) {
    this.progress = status.progress;
    const written = await this.#status.write(status);
    if (written === "gone" || written === "cancelled") this.leave("cancelled");
    if (written === "not mine") this.leave("lost");
    return written;
  }

  /** @param {string} message */
  begin(message) {
    this.dropProgress();
    return this.write(processingStatus(this.id, message));
  }

  /** Has it written, at most once a second and the latest of them. @param {ExportProgress} progress */
  report(progress) {
    this.#latest = progress;
    this.#writeInTime();
  }

  // Not while a write goes on: how long to wait is known when it is done.
  #writeInTime() {
    if (this.#timer || this.#isWriting || !this.#latest) return;
    this.#timer = setTimeout(() => this.#writeLatest(), this.#status.waitMs());
  }

  async #writeLatest() {
    const status = this.#latest && progressStatus(this.id, this.#latest);
    this.#timer = undefined;
    this.#latest = undefined;
    if (!status || this.stop.signal.aborted) return;
    this.#isWriting = true;
    try {
      await this.write(status);
    } catch (error) {
      if (!this.#hasComplained)
        this.#service.log.warn({ job: this.id, error: String(error) }, "progress cannot be written");
      this.#hasComplained = true;
    }
    this.#isWriting = false;
    this.#writeInTime();
  }

  dropProgress() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#latest = undefined;
  }

  /** Removes what its attempts have left. */
  async removeParts() {
    await removeParts(this.outputFolder, this.id, (token) => token === this.claim.token);
  }

  /** Removes what owners before this one have left. */
  async removeLeftovers() {
    await removeLeftovers(this.folder.path, this.id, (token) => token !== this.claim.token);
  }

  close() {
    this.dropProgress();
    return this.#status.close();
  }
}
