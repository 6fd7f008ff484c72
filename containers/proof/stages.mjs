// Carries out the instructions of a stage in a root, as docker build does in a container.
import { cpSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { root as repository } from "../../scripts/steps/platform.mjs";
import { makeRoot, runInRoot } from "./roots.mjs";

/**
 * What a stage has become.
 * @typedef {import("./roots.mjs").Setting & { health: string[], entrypoint: string[], cmd: string[] }} Image
 */

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** @type {Record<string, (image: Image, rest: string, stages: Map<string, Image>) => void>} */
const carryOut = {
  RUN(image, command) {
    const startMs = performance.now();
    runInRoot(image, ["/bin/sh", "-c", command]);
    console.log(`  ${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s  RUN ${command}`);
  },
  COPY(image, rest, stages) {
    const words = rest.split(" ");
    const from = words[0].startsWith("--from=") ? stages.get(words.shift().slice("--from=".length)).root : repository;
    const to = words.pop();
    for (const source of words) copy(path.join(from, source), path.join(image.root, path.resolve(image.cwd, to)), to);
  },
  WORKDIR(image, folder) {
    image.cwd = path.resolve(image.cwd, folder);
    mkdirSync(path.join(image.root, image.cwd), { recursive: true });
  },
  ENV(image, variables) {
    for (const variable of variables.split(" ")) {
      const [name, value] = variable.split("=");
      image.env[name] = value;
    }
  },
  USER(image, user) {
    image.user = user;
    image.env.HOME = "/";
  },
  HEALTHCHECK(image, rest) {
    image.health = JSON.parse(rest.slice(rest.indexOf("[")));
  },
  ENTRYPOINT(image, words) {
    image.entrypoint = JSON.parse(words);
  },
  CMD(image, words) {
    image.cmd = JSON.parse(words);
  },
};

/** A folder's content goes into the target, a file beside it where the target is named as a folder. */
function copy(from, target, named) {
  const intoFolder = named.endsWith("/") && statSync(from).isFile();
  const to = intoFolder ? path.join(target, path.basename(from)) : target;
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

/**
 * @param {import("./dockerfile.mjs").Stage} stage
 * @param {string} name Of its root.
 * @param {Map<string, Image>} stages Those before it, by name.
 * @returns {Image}
 */
export function makeStage(stage, name, stages) {
  const root = makeRoot(stage.base, name);
  const image = { root, cwd: "/", user: "0:0", env: { PATH, HOME: "/root" }, health: [], entrypoint: [], cmd: [] };
  for (const { word, rest } of stage.instructions) carryOut[word](image, rest, stages);
  return image;
}
