// The Dockerfiles agree with each other and with the package. What they do is proved by containers/prove.mjs.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { readDockerfile } from "../../containers/proof/dockerfile.mjs";
import { root } from "./sources.mjs";

const read = (file) => readFileSync(path.join(root, file), "utf8");
const manifest = JSON.parse(read("package.json"));
const images = Object.fromEntries(
  ["node", "bun"].map((name) => [name, readDockerfile(read(`containers/Dockerfile.${name}`))]),
);
const linesOf = (stage, word) => stage.instructions.flatMap((line) => (line.word === word ? [line.rest] : []));

describe("the images", () => {
  test("are compiled alike", () => {
    assert.deepEqual(images.node[0], images.bun[0]);
    assert.ok(linesOf(images.node[0], "RUN").includes("npm run prebuild"));
  });

  for (const [name, stages] of Object.entries(images)) {
    test(`${name}: copies what is there, and leaves the workshop behind`, () => {
      const last = stages.at(-1);
      const copied = linesOf(last, "COPY").map((line) => line.split(" "));
      const fromHere = [...linesOf(stages[0], "COPY").map((line) => line.split(" ")), ...copied]
        .filter(([first]) => !first.startsWith("--from="))
        .flatMap((words) => words.slice(0, -1));
      for (const file of fromHere) assert.ok(existsSync(path.join(root, file)), file);
      assert.deepEqual(
        copied.map((words) => path.basename(words.at(-2))).filter((file) => file !== "bun"),
        ["package.json", "node_modules", "prebuilds", "lib", "types"],
      );
    });

    test(`${name}: runs as no root, behind an init, with a health check on the port that it opens`, () => {
      const last = stages.at(-1);
      assert.deepEqual(linesOf(last, "USER"), ["1000:1000"]);
      assert.deepEqual(linesOf(last, "ENTRYPOINT"), ['["tini", "--"]']);
      const command = JSON.parse(linesOf(last, "CMD")[0]);
      assert.ok(existsSync(path.join(root, command[1])));
      const port = command[command.indexOf("--health-port") + 1];
      assert.ok(linesOf(last, "HEALTHCHECK")[0].includes(`http://127.0.0.1:${port}/healthz`));
    });

    test(`${name}: has the prom-client that the package is tested with`, () => {
      const version = manifest.devDependencies["prom-client"];
      assert.ok(linesOf(stages[0], "RUN").some((line) => line.includes(`prom-client@${version}`)));
    });
  }
});
