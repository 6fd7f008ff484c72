/** @import { MediaErrorCode, MediaErrorContext, MediaErrorInit, MediaErrorJson } from "../types/errors.js" */
/** @import { ExportPhase } from "../types/job.js" */

// Shared by every copy of this package in the process, which `instanceof` is not.
const BRAND = Symbol.for("@opencut/libav/MediaError");

/** @type {ReadonlySet<string>} */
const RETRYABLE = new Set(["ERR_EXEC", "ERR_VERIFY", "ERR_FS", "ERR_CRASHED"]);

export class MediaError extends Error {
  /** @type {MediaErrorCode} */
  code;
  /** @type {boolean} */
  retryable;
  /** @type {string | undefined} */
  hint;
  /** @type {ExportPhase | undefined} */
  phase;
  /** @type {MediaErrorContext} */
  context;

  /**
   * @param {MediaErrorCode} code
   * @param {string} message
   * @param {MediaErrorInit} [init]
   */
  constructor(code, message, { hint, retryable, phase, context, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable ?? RETRYABLE.has(code);
    this.hint = hint || undefined; // The addon's way to say that there is none is an empty text.
    this.phase = phase || undefined;
    this.context = { ...context };
  }

  /**
   * @override
   * @returns {"MediaError"}
   */
  get name() {
    return "MediaError";
  }

  get [BRAND]() {
    return true;
  }

  /** @returns {MediaErrorJson} */
  toJSON() {
    const { name, code, message, hint, retryable, phase, context } = this;
    return {
      name,
      code,
      message,
      ...(hint !== undefined && { hint }),
      retryable,
      ...(phase !== undefined && { phase }),
      context: { ...context },
    };
  }

  /** @param {unknown} json */
  static fromJSON(json) {
    const { code, message, hint, retryable, phase, context } = /** @type {Record<string, any>} */ (json ?? {});
    if (typeof code !== "string" || typeof message !== "string") {
      throw new TypeError("json is not what MediaError.prototype.toJSON gives: it has no code or no message");
    }
    // Not checked against the list of codes: a newer copy of this package may know more of them.
    return new MediaError(/** @type {MediaErrorCode} */ (code), message, { hint, retryable, phase, context });
  }
}

/**
 * @param {unknown} value
 * @returns {value is MediaError}
 */
export function isMediaError(value) {
  return typeof value === "object" && value !== null && BRAND in value;
}
