// A job's status.json, as its owner writes it: whole at every moment, and never over what another has written.
import { fstatSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isAbsence } from "./file_error.js";
import { STATUS } from "./job_folder.js";
import { isCancelled } from "./job_status.js";
import { signIn } from "./small_file.js";
/** @import { FileHandle } from "node:fs/promises" */
/** @import { JobStatus } from "../../types/processor.js" */
/** @import { JobFolder } from "./job_folder.js" */

const MIN_INTERVAL_MS = 1000;
const LOOK_INTERVAL_MS = 20;
const MOST_LOOKS = 10;

/** @typedef {"written" | "gone" | "cancelled" | "not mine"} Written What became of a write. */

/**
 * @param {JobFolder} folder
 * @param {string} token Nobody else's.
 * @param {() => Promise<boolean>} isMine Whether the job is still its writer's.
 */
export function createStatusWriter(folder, token, isMine) {
  const aside = folder.file(`.${STATUS}.${token}`);
  /** @type {{ text: string, handle: FileHandle } | undefined} */
  let last;
  let lastMs = -Infinity;
  let queue = Promise.resolve();

  /** Waits while somebody else is writing to what was written last, if it is that. */
  async function settled() {
    for (let look = 0; ; look++) {
      const { content } = await folder.readStatus();
      if (content.kind !== "broken" || !last || look === MOST_LOOKS) return content;
      await sleep(LOOK_INTERVAL_MS);
    }
  }

  /** @param {JobStatus} status @returns {Promise<Written>} */
  async function replace(status) {
    if (isCancelled(await settled())) return "cancelled";
    const text = `${JSON.stringify(status, null, 2)}\n`;
    const handle = await open(aside, "w+");
    try {
      await handle.writeFile(text);
      const sign = signIn(fstatSync(handle.fd, { bigint: true }));
      // Last of all: once its folder is another one, the file that is renamed is not in it.
      const isOwner = await isMine();
      if (!isOwner || !(await folder.isThere())) {
        await rm(aside, { force: true });
        await handle.close();
        return isOwner ? "gone" : "not mine";
      }
      folder.expectStatus({ content: { kind: "read", value: status }, sign });
      await rename(aside, folder.file(STATUS));
    } catch (error) {
      await handle.close();
      // The error that matters is the first; what is left is removed by whoever takes the job next.
      await rm(aside, { force: true }).catch(() => {});
      throw error;
    }
    const overwritten = last;
    last = { text, handle };
    return (await wasCancelled(overwritten)) ? "cancelled" : "written";
  }

  /**
   * @param {JobStatus} status
   * @returns {Promise<Written>}
   */
  function write(status) {
    const done = queue.then(async () => {
      try {
        return await replace(status);
      } catch (error) {
        if (isAbsence(error)) return "gone";
        throw error;
      } finally {
        lastMs = performance.now();
      }
    });
    queue = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  return {
    write,
    /** Milliseconds until it may be written again, but for a change of state. */
    waitMs: () => Math.max(0, lastMs + MIN_INTERVAL_MS - performance.now()),
    async close() {
      await queue;
      await last?.handle.close();
      last = undefined;
    },
  };
}

/**
 * Whether it was cancelled in place between the last look at it and its replacement.
 * @param {{ text: string, handle: FileHandle } | undefined} replaced
 */
async function wasCancelled(replaced) {
  if (!replaced) return false;
  try {
    const { buffer, bytesRead } = await replaced.handle.read({
      buffer: Buffer.alloc(replaced.text.length * 4),
      position: 0,
    });
    const text = buffer.subarray(0, bytesRead).toString("utf8");
    return text !== replaced.text && /"status"\s*:\s*"cancelled"/.test(text);
  } finally {
    await replaced.handle.close();
  }
}
