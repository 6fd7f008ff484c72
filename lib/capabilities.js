import { loadNative } from "./native.js";
import { VERSION } from "./version.js";
/** @import { Capabilities } from "../types/capabilities.js" */

/** @returns {Capabilities} */
export function capabilities() {
  const native = JSON.parse(loadNative().capabilities());
  return { ...native, versions: { package: VERSION, ...native.versions } };
}
