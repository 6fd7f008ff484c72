// Where a child writes which file it opens, before it does. What it wrote outlives its crash.
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

// As long as a path may be; the addon writes as many.
const RECORD_BYTES = 4096;

/** A file without a name, so that nothing is left of it, whoever is killed. */
export function createOpenedRecord() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "opencut-child-"));
  const fd = openSync(path.join(folder, "opened"), "wx+", 0o600);
  rmSync(folder, { recursive: true });
  return {
    fd,
    clear: () => ftruncateSync(fd),
    /** The path written last since it was cleared, if any. */
    read() {
      const bytes = Buffer.alloc(RECORD_BYTES);
      const count = readSync(fd, bytes, 0, RECORD_BYTES, 0);
      return bytes.toString("utf8", 0, count).replace(/\0.*$/s, "") || undefined;
    },
    close: () => closeSync(fd),
  };
}
