// Roots of file systems that stand for images, and commands that see nothing else.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { output, run, StepFailed } from "../../scripts/steps/command.mjs";
import { root as repository } from "../../scripts/steps/platform.mjs";
import { runtime } from "../../scripts/steps/runtimes.mjs";

const folder = path.join(repository, "build", "containers");
const mirror = "http://deb.debian.org";

/** A bare Debian 12; made once. */
function bareDebian() {
  const made = path.join(folder, "debian12");
  if (existsSync(made)) return made;
  const unfinished = `${made}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(["debootstrap", "--variant=minbase", "bookworm", unfinished, `${mirror}/debian`], { quiet: true });
  // As the images have it.
  const lists = ["debian bookworm", "debian bookworm-updates", "debian-security bookworm-security"];
  writeFileSync(
    path.join(unfinished, "etc/apt/sources.list"),
    lists.map((list) => `deb ${mirror}/${list} main\n`).join(""),
  );
  renameSync(unfinished, made);
  return made;
}

const copyTree = (from, to) => run(["cp", "-a", "--reflink=auto", from, to], { quiet: true });

/** What each image is, in place of what would be downloaded. @type {Record<string, (root: string) => void>} */
const images = {
  "debian:bookworm-slim": (root) => copyTree(bareDebian(), root),
  "node:20-bookworm-slim": (root) => {
    copyTree(bareDebian(), root);
    const local = path.join(root, "usr/local");
    const isNode20 = process.versions.node.startsWith("20.");
    copyFileSync(isNode20 ? process.execPath : realpathSync(runtime("Node 20")), path.join(local, "bin/node"));
    const npm = path.join(output(["npm", "root", "--global"]).trim(), "npm");
    cpSync(npm, path.join(local, "lib/node_modules/npm"), { recursive: true });
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", path.join(local, "bin/npm"));
  },
  "oven/bun:1": (root) => {
    const programs = path.join(root, "usr/local/bin");
    mkdirSync(programs, { recursive: true });
    copyFileSync(realpathSync(runtime("Bun")), path.join(programs, "bun"));
  },
};

/** @param {string} image @param {string} name Of the new root. */
export function makeRoot(image, name) {
  if (!images[image]) throw new StepFailed(`nothing stands for the image ${image}`);
  const root = path.join(folder, name);
  rmSync(root, { recursive: true, force: true });
  images[image](root);
  return root;
}

/** Megabytes on disk. @param {string} root */
export const megabytesOf = (root) => Number(output(["du", "-sm", root]).split("\t")[0]);

// What a certificate authority of this network's own takes lies in a file system that is gone with the command.
const enter = `
  mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount -t tmpfs tmpfs "$0/run" || exit 125
  [ -z "$NODE_EXTRA_CA_CERTS" ] || cp "$NODE_EXTRA_CA_CERTS" "$0/run/authorities.crt"
  user=$1; shift
  exec chroot --userspec="$user" "$0" env -i "$@"`;

/**
 * @typedef {object} Setting Of a command in a root.
 * @property {string} root
 * @property {string} cwd
 * @property {string} user
 * @property {Record<string, string>} env
 */

/** @param {Setting} setting @param {string[]} command */
function entering({ root, cwd, user, env }, command) {
  const authorities = process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: "/run/authorities.crt" } : {};
  const variables = Object.entries({ ...authorities, ...env }).map(([name, value]) => `${name}=${value}`);
  const inside = [root, user, ...variables, "env", "-C", cwd, ...command];
  return ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter, ...inside];
}

/**
 * Runs a command to its end; what it prints is shown only if it fails.
 * @param {Setting} setting
 * @param {string[]} command
 */
export function runInRoot(setting, command) {
  const { status, stdout, stderr } = spawnSync("unshare", entering(setting, command), { maxBuffer: 1 << 28 });
  if (status === 0) return;
  process.stderr.write(Buffer.concat([stdout, stderr]));
  throw new StepFailed(`${command.join(" ")} failed (exit status ${status})`);
}

/**
 * Starts a command that goes on, as the first process of a tree of its own.
 * @param {Setting} setting
 * @param {string[]} command
 */
export const startInRoot = (setting, command) =>
  spawn("unshare", entering(setting, command), { stdio: ["ignore", "pipe", "pipe"] });
