export { capabilities } from "./capabilities.js";
export { cut } from "./cut.js";
export { isMediaError, MediaError } from "./errors.js";
export { exportVideo } from "./export.js";
export { planExport } from "./plan.js";
export { probe } from "./probe.js";
