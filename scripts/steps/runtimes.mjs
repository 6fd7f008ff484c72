// The JavaScript runtimes that the addon is tested on. All come as npm packages, into build/runtimes/.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { run } from "./command.mjs";
import { root } from "./platform.mjs";

const versions = { "Node 20": "node@20", "Node 22": "node@22", "Node 24": "node@24", Bun: "bun@1" };

/** The names of the runtimes other than the one that runs this script. */
export function otherRuntimes() {
  const running = `Node ${process.versions.node.split(".")[0]}`;
  return Object.keys(versions).filter((name) => name !== running);
}

/**
 * Installs a runtime unless it is there.
 * @param {string} name One of otherRuntimes().
 * @returns {string} The program.
 */
export function runtime(name) {
  const wanted = versions[name];
  const folder = path.join(root, "build", "runtimes", wanted);
  const program = path.join(folder, "node_modules", ".bin", wanted.split("@")[0]);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", wanted], { cwd: folder });
  return program;
}
