// A process that renders: started, asked, ended. One job at a time, any number one after another.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createOpenedRecord } from "./opened_record.js";
/** @import { Readable } from "node:stream" */
/**
 * @import { ChildAnswer, ChildEnd, ChildEvent, ChildMessage, ChildTask, ParentMessage } from "../../types/children.js"
 */
/** @import { ExportDirection } from "../../types/export.js" */

const PROGRAM = fileURLToPath(new URL("render_child.js", import.meta.url));
const STDERR_CHARS = 4096;

/**
 * A child's environment has it. glibc's own bounds, from the start: it comes to them by itself as larger and larger blocks are freed, and until then
 * gives the memory of pictures back to the system, which makes its pages anew for the next. Other allocators ignore it.
 */
export const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: String(32 << 20), MALLOC_TRIM_THRESHOLD_: String(64 << 20) };

/** @typedef {ReturnType<typeof startChild>} Child */

/** @param {readonly string[]} execArgv */
export function startChild(execArgv) {
  const opened = createOpenedRecord();
  const child = forkWith(opened, execArgv);
  const stderr = keepEnd(/** @type {Readable} */ (child.stderr));
  /** @type {((message: ChildMessage) => void) | undefined} */
  let receive;
  child.on("message", (message) => receive?.(/** @type {ChildMessage} */ (message)));
  let over = false;
  let leaving = false;
  let tasks = 0;
  let rssBytes = 0;
  const ended = endOf(child).then((end) => {
    over = true;
    const file = opened.read();
    opened.close();
    return /** @type {ChildEnd} */ ({ ...end, stderr: stderr(), file });
  });
  const kill = () => {
    leaving = true;
    child.kill("SIGKILL");
  };
  return {
    /** Undefined when it could not be started. */
    pid: child.pid,
    ended,
    isUsable: () => child.connected && !over && !leaving,
    /** Tasks it was given, and its resident memory when the last of them was done. */
    usage: () => ({ tasks, rssBytes }),
    /**
     * Has a task done and tells how that ended: by an answer, or by the end of the child.
     * @param {ChildTask} task
     * @param {(message: ChildEvent) => void} onEvent
     * @returns {Promise<ChildAnswer | ChildEnd>}
     */
    ask(task, onEvent) {
      tasks++;
      if (!over) opened.clear();
      const answered = new Promise((resolve) => {
        receive = (message) => {
          if (message.type !== "result" && message.type !== "failure") return onEvent(message);
          rssBytes = message.rssBytes;
          if (message.stillBusy) kill();
          resolve(message);
        };
      });
      send(child, task);
      return Promise.race([answered, ended]);
    },
    /**
     * Has an export go on that has told its plan.
     * @param {ExportDirection} direction
     * @param {number} jobsElsewhere
     */
    proceed: (direction, jobsElsewhere) => send(child, { type: "proceed", direction, jobsElsewhere }),
    cancel: () => send(child, { type: "cancel" }),
    /** Ends it. It has nothing to do. Not by disconnecting: Node then never says that it is gone. */
    dismiss() {
      leaving = true;
      send(child, { type: "end" });
    },
    kill,
  };
}

/**
 * @param {ReturnType<typeof createOpenedRecord>} opened
 * @param {readonly string[]} execArgv
 */
function forkWith(opened, execArgv) {
  try {
    return fork(PROGRAM, [String(process.pid)], {
      execArgv: [...execArgv],
      env: { ...ALLOCATOR, ...process.env },
      stdio: ["ignore", "ignore", "pipe", "ipc", opened.fd],
    });
  } catch (error) {
    opened.close();
    throw error;
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<Pick<ChildEnd, "type" | "code" | "signal" | "error">>}
 */
function endOf(child) {
  return new Promise((resolve) => {
    // Also when a child that runs cannot be killed: then it ends later, or never.
    child.on("error", (error) => {
      if (child.pid === undefined) resolve({ type: "ended", code: null, signal: null, error });
    });
    // Not "exit": what was sent before it may still be on its way.
    child.once("close", (code, signal) => resolve({ type: "ended", code, signal }));
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {ParentMessage} message
 */
function send(child, message) {
  // That it could not be sent is known by the child's end.
  if (child.connected) child.send(message, () => {});
}

/** @param {Readable} stream */
function keepEnd(stream) {
  let end = "";
  stream.setEncoding("utf8").on("data", (text) => (end = (end + text).slice(-STDERR_CHARS)));
  return () => end;
}
