// Real footage, which is not in this repository: tests that need it skip where it is absent.
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where it lies, whether it is there or not. */
export const mediaFolder = process.env.OPENCUT_MEDIA ?? fileURLToPath(new URL("../../../shared/media", import.meta.url));

/** What a test says when it skips for want of real footage. */
export const noMedia = "no real footage: set OPENCUT_MEDIA to its folder";

/**
 * @param {string} name
 * @returns {string | null} Its path, or null where it is absent.
 */
export function mediaFile(name) {
  const file = path.join(mediaFolder, name);
  return existsSync(file) ? file : null;
}
