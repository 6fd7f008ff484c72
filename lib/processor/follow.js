// Follows one job by its status file, whoever writes it.
import { lstat } from "node:fs/promises";
import path from "node:path";
import { unlessAbsent } from "./file_error.js";
import { readStatusIn, STATUS } from "./job_folder.js";
import { startWatcher } from "./watcher.js";
/** @import { JobStatus } from "../../types/processor.js" */
/** @import { Layout } from "./layout.js" */

const LOOK_INTERVAL_MS = 250;
const ENDS = new Set(["completed", "failed", "cancelled"]);
const OPTIONAL = /** @type {const} */ (["message", "error", "downloadUrl", "code", "hint"]);

/**
 * @param {Layout} layout
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<JobStatus, undefined, undefined>}
 */
export async function* follow({ exports }, id, signal) {
  const folder = path.join(exports, id);
  const bell = createBell(folder, signal);
  let last = "";
  let wasThere = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const isThere = (await unlessAbsent(lstat(folder))) !== undefined;
      const status = isThere ? await statusIn(folder, id) : wasThere && cancelled(id);
      wasThere ||= isThere;
      if (status && JSON.stringify(status) !== last) {
        last = JSON.stringify(status);
        yield status;
        if (ENDS.has(status.status)) return;
      }
      await bell.rung();
    }
  } finally {
    bell.close();
  }
}

/** @param {string} jobId @returns {JobStatus} */
function cancelled(jobId) {
  return { jobId, status: "cancelled", progress: 0 };
}

/**
 * @param {string} folder
 * @param {string} jobId
 * @returns {Promise<JobStatus | null>} Null: nothing that can be understood.
 */
async function statusIn(folder, jobId) {
  const { content } = await readStatusIn(folder);
  if (content.kind !== "read") return null;
  const { status, progress } = content.value;
  if (!["pending", "processing", ...ENDS].includes(status)) return null;
  const texts = OPTIONAL.flatMap((name) =>
    typeof content.value[name] === "string" ? [[name, content.value[name]]] : [],
  );
  return { jobId, status, progress: typeof progress === "number" ? progress : 0, ...Object.fromEntries(texts) };
}

/**
 * Rings when something may have changed.
 * @param {string} folder
 * @param {AbortSignal | undefined} signal
 */
function createBell(folder, signal) {
  let ring = () => {};
  /** @type {ReturnType<typeof startWatcher>} */
  let watcher;
  const onChange = () => ring();
  signal?.addEventListener("abort", onChange);
  return {
    async rung() {
      watcher ??= startWatcher(folder, (name) => name === STATUS || name === path.basename(folder), onChange);
      /** @type {NodeJS.Timeout | undefined} */
      let timer;
      await new Promise((resolve) => {
        ring = () => resolve(undefined);
        timer = setTimeout(ring, LOOK_INTERVAL_MS);
      });
      clearTimeout(timer);
    },
    close() {
      watcher?.close();
      signal?.removeEventListener("abort", onChange);
    },
  };
}
