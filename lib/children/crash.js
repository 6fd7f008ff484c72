// What the end of a child in mid-job says to the caller.
import { MediaError } from "../errors.js";
/** @import { ChildEnd } from "../../types/children.js" */

/**
 * @param {ChildEnd} end
 * @returns {MediaError} `ERR_CRASHED`
 */
export function crashOf(end) {
  const { code, signal, error, stderr, file } = end;
  const { message, hint } = described(end);
  const context = {
    ...(signal && { signal }),
    ...(code !== null && { exitCode: code }),
    ...(file !== undefined && { file }),
    ...(stderr && { stderr }),
    ...(error && { system: error.message }),
  };
  return new MediaError("ERR_CRASHED", message, { hint, context, cause: error });
}

/** @param {ChildEnd} end */
function described({ code, signal, error, file }) {
  if (error) {
    return {
      message: "The process to render in could not be started",
      hint: "Check the limits on processes and on memory.",
    };
  }
  const where = file === undefined ? "" : `, after it had opened ${file}`;
  if (signal === "SIGKILL") {
    return {
      message: `The process that rendered was killed${where}; the system probably ran out of memory`,
      hint: "Give it more memory, or run fewer jobs at the same time.",
    };
  }
  const how = signal ? `crashed (${signal})` : `ended (exit status ${code})`;
  return {
    message: `The process that rendered ${how}${where}`,
    hint: "If it happens again, check that the file plays elsewhere.",
  };
}
