import { createRequire } from "node:module";

/** This package's own version. @type {string} */
export const VERSION = createRequire(import.meta.url)("../package.json").version;
