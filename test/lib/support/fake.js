// Makes the package load the fake addon, and gives tests a hand on it.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const fakeAddonPath = fileURLToPath(new URL("./fake_addon.cjs", import.meta.url));
process.env.OPENCUT_LIBAV_BINARY = fakeAddonPath;

const require = createRequire(import.meta.url);
export const fake = require("./fake_addon.cjs");
export const samples = require("./samples.cjs");

/**
 * Has the next jobs do what `script` says, until the test is over.
 * @param {import("node:test").TestContext} t
 * @param {(job: any) => void} script
 */
export function useScript(t, script) {
  fake.script = script;
  t.after(() => (fake.script = undefined));
}

/** The job that was started last. */
export const lastJob = () => fake.jobs.at(-1);
