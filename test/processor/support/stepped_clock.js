// A wall clock that is set while a process runs.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../binding/support/footage.js";
import { preloaded } from "../../binding/support/preloaded.js";

const source = fileURLToPath(new URL("stepped_clock.c", import.meta.url));

/** @returns {{ env: Record<string, string>, step: (seconds: number) => void }} */
export function steppedClock() {
  const folder = temporaryFolder();
  const [library, file] = [path.join(folder, "stepped_clock.so"), path.join(folder, "step")];
  const args = ["-x", "c", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, source];
  const { status, stderr } = spawnSync(process.env.CXX ?? "g++", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`stepped_clock.c does not compile:\n${stderr}`);
  return {
    env: { LD_PRELOAD: [preloaded, library].filter(Boolean).join(" "), STEPPED_CLOCK: file },
    step: (seconds) => writeFileSync(file, String(seconds)),
  };
}
