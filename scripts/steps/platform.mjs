// Where things lie in this checkout, by platform.
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder. */
export const root = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** How many processors this process may use (its affinity, not the machine's size). */
export const processors = os.availableParallelism();

/** @returns {"glibc" | "musl" | "system"} The C library that the running Node was built for. */
export function libc() {
  if (process.platform !== "linux") return "system";
  process.report.excludeNetwork = true; // The report would look up host names, which can take seconds.
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}

/** Where the release build lies; the loader looks here first. */
export function releaseDirectory() {
  return path.join(root, "build", `${process.platform}-${process.arch}-${libc()}`, "release");
}

/** Where a published binary of this platform lies; the loader looks here second. */
export function prebuildDirectory() {
  const suffix = libc() === "musl" ? "-musl" : "";
  return path.join(root, "prebuilds", `${process.platform}-${process.arch}${suffix}`);
}

export const addonName = "opencut_libav.node";
