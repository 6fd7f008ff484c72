// Runs opencut-libav, on the fake addon.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fakeAddonPath, samples } from "../lib/support/fake.js";
import { root, startNode } from "../lib/support/run_node.js";

export const main = path.join(root, "lib/cli/main.js");

export const folder = mkdtempSync(path.join(os.tmpdir(), "opencut-cli-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
export const configFile = path.join(folder, "config.json");
writeFileSync(configFile, JSON.stringify(samples.config));

/** @param {string[]} args @param {Parameters<typeof startNode>[1]} [options] */
export const startCli = (args, options) => startNode([main, ...args], options);

/** @param {string[]} args @param {Parameters<typeof startNode>[1]} [options] */
export const cli = (args, options) => startCli(args, options).exit();

// util-linux's script(1) gives a program a terminal.
export const noTerminal = spawnSync("script", ["--version"]).status !== 0 && "no script(1) to make a terminal with";

/**
 * Runs it in a terminal of the given width; what it writes comes back as one text.
 * @param {string[]} args
 * @param {{ columns?: number, env?: Record<string, string> }} [options]
 */
export async function cliInTerminal(args, { columns = 80, env = {} } = {}) {
  const quoted = [process.execPath, main, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", `stty cols ${columns}; ${quoted}`, "/dev/null"], {
    env: { ...process.env, OPENCUT_LIBAV_BINARY: fakeAddonPath, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  const [code] = await once(child, "close");
  return { code, text: text.replaceAll("\r\n", "\n") };
}
