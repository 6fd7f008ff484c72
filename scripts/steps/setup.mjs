// Brings a machine to the point where this project can be built: system packages and node_modules.
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { output, run, status, StepFailed, words } from "./command.mjs";
import { root } from "./platform.mjs";
import { described, missingRequirements, packageManager, packagesFor } from "./requirements.mjs";

/**
 * Whether node_modules is absent or older than the lock file. Without a lock file (an installed package) npm
 * has done it already.
 */
export function nodeModulesStale() {
  const lock = path.join(root, "package-lock.json");
  const installed = path.join(root, "node_modules", ".package-lock.json"); // npm writes it last.
  if (!existsSync(lock)) return false;
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs;
}

function asRoot(command) {
  if (process.getuid() === 0) return command;
  const sudo = process.stdin.isTTY ? ["sudo"] : ["sudo", "-n"];
  return output(["sudo", "-V"]) === null ? null : [...sudo, ...command];
}

/** The command that installs packages on Debian and Ubuntu. @param {string[]} packages */
export const aptInstall = (packages) => ["apt-get", "install", "-y", "--no-install-recommends", ...packages];

function aptGet(args) {
  // A neighbour (unattended-upgrades, another build) may hold the lock for minutes.
  const patience = words("-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3");
  return asRoot(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...patience, ...args]);
}

function installPackages(missing, { quiet }) {
  const packages = packagesFor(missing, "apt");
  const update = aptGet(["update"]);
  if (!update)
    throw new StepFailed(
      `Neither root nor sudo is at hand. As root: apt-get update && ${aptInstall(packages).join(" ")}`,
    );
  status(update, { stdin: "inherit", quiet }); // A failed update is no reason to stop: the lists at hand may do.
  run(aptGet(aptInstall(packages).slice(1)), { stdin: "inherit", quiet });
}

/**
 * What is missing and how to get it on this system, in lines for people.
 * @param {import("./requirements.mjs").Requirement[]} missing
 */
export function advice(missing) {
  const lines = missing.map((r) => `missing: ${described(r)}`);
  const manager = packageManager();
  if (manager === "apt") lines.push(aptInstall(packagesFor(missing, "apt")).join(" "));
  else if (manager) lines.push(`${manager} install ${packagesFor(missing, manager).join(" ")}`);
  else
    lines.push(
      `Install them with your system's package manager; Debian calls them: ${packagesFor(missing, "apt").join(" ")}`,
    );
  return lines;
}

/**
 * Installs what `purposes` need and this machine lacks, and node_modules. Does nothing when all is there.
 * @param {import("./requirements.mjs").Purpose[]} purposes
 * @param {{ quiet?: boolean }} [options] `quiet`: what the installers print is shown only if they fail.
 */
export function setup(purposes, { quiet = false } = {}) {
  const missing = missingRequirements(purposes);
  if (missing.length > 0) {
    if (packageManager() !== "apt")
      throw new StepFailed([...advice(missing), "then run the same command again"].join("\n"));
    installPackages(missing, { quiet });
    const left = missingRequirements(purposes);
    if (left.length > 0)
      throw new StepFailed(
        `This system's packages are too old or incomplete; still missing:\n${left.map(described).join("\n")}`,
      );
  }
  if (nodeModulesStale()) run(["npm", "ci", "--include=dev", "--no-audit", "--no-fund"], { quiet });
}
