// Programs that may use so much memory and no more, where the system lets us say so.
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const hierarchies = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { root: "/sys/fs/cgroup", limit: "memory.max" },
];

/**
 * @param {number} mebibytes Of a program and all it starts, together.
 * @returns {string[] | null} What to run it under; null where there can be no limit.
 */
export function memoryLimit(mebibytes) {
  for (const { root, limit } of hierarchies) {
    const group = path.join(root, `opencut-test-${process.pid}-${mebibytes}`);
    try {
      mkdirSync(group);
      process.once("exit", () => rmdirSync(group));
      // The kernel makes it, where the hierarchy limits memory.
      writeFileSync(path.join(group, limit), String(mebibytes * 1024 * 1024), { flag: "r+" });
      return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', path.join(group, "cgroup.procs")];
    } catch {
      // Not this hierarchy, or not for us.
    }
  }
  return null;
}
