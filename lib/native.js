// Finds and loads the addon, at the first call that needs it and never at import.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { MediaError } from "./errors.js";
/** @import { NativeAddon } from "../types/native.js" */

const ADDON = "opencut_libav.node";
const PACKAGE_ROOT = path.resolve(fileURLToPath(new URL("..", import.meta.url)));

/** @type {NativeAddon | undefined} */
let addon;

/** @throws {MediaError} `ERR_NATIVE_UNAVAILABLE`; the next call tries again. */
export function loadNative() {
  return (addon ??= load());
}

/** @returns {NativeAddon} */
function load() {
  const tried = candidates();
  const file = tried.find((candidate) => existsSync(candidate));
  if (file === undefined) throw unavailable(`There is no addon for this platform at ${tried.join(" or ")}`);
  try {
    return createRequire(import.meta.url)(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const library =
      /(\S+): cannot open shared object file/.exec(reason)?.[1] ?? /Library not loaded: (\S+)/.exec(reason)?.[1];
    const problem = library ? `it needs the library ${library}, which this system lacks` : reason;
    throw unavailable(`The addon ${file} cannot be loaded: ${problem}`, { path: file, system: reason }, cause);
  }
}

function candidates() {
  const chosen = process.env.OPENCUT_LIBAV_BINARY;
  if (chosen) return [path.resolve(chosen)];
  const platform = `${process.platform}-${process.arch}`;
  const libc = cLibrary();
  return [
    path.join(PACKAGE_ROOT, "build", `${platform}-${libc}`, "release", ADDON),
    path.join(PACKAGE_ROOT, "prebuilds", platform + (libc === "musl" ? "-musl" : ""), ADDON),
  ];
}

/** The C library this process runs on: a binary made for another one does not load. */
function cLibrary() {
  if (process.platform !== "linux") return "system";
  try {
    return readFileSync("/proc/self/maps", "utf8").includes("/ld-musl-") ? "musl" : "glibc";
  } catch {
    return "glibc"; // No /proc, as in a bare chroot.
  }
}

/**
 * @param {string} message
 * @param {import("../types/errors.js").MediaErrorContext} [context]
 * @param {unknown} [cause]
 */
function unavailable(message, context, cause) {
  const here = path.relative(process.cwd(), PACKAGE_ROOT);
  const command = here === "" ? "npm run build:native" : `npm run build:native --prefix ${PACKAGE_ROOT}`;
  return new MediaError("ERR_NATIVE_UNAVAILABLE", message, { hint: `Run: ${command}`, context, cause });
}
