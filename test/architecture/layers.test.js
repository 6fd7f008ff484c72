// The layers of ARCHITECTURE.md: who may include whom, and what each may use of the world outside.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { filesUnder, root } from "./sources.mjs";

// Each layer, and the ones that it may include besides itself.
const layers = {
  base: [],
  timeline: ["base"],
  bitstream: ["base"],
  media: ["base", "timeline", "bitstream"],
  pipelines: ["base", "timeline", "bitstream", "media"],
  json: ["base", "timeline", "bitstream", "media", "pipelines"],
};
const all = Object.keys(layers);

const libav = /^libav\w+\/|^libsw\w+\//;
const json = /^nlohmann\//;
const nodeApi = /^(napi|node_api|js_native_api)/;
// Pure layers touch no clock, no thread and no file.
const impure =
  /^(atomic|chrono|condition_variable|filesystem|fstream|future|iostream|mutex|cstdio|ctime|random|shared_mutex|thread|semaphore)$/;
const standard = /^[a-z_]+$/;

function includesOf(file) {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/gm)].map(([, kind, name]) => ({
    name,
    own: kind === '"',
  }));
}

const sources = filesUnder(["src", "binding"], [".h", ".cc"]);
const layerOf = (file) => (file.startsWith("binding/") ? "binding" : file.split("/")[1]);
const every = sources.flatMap((file) =>
  includesOf(file).map((include) => ({ file, layer: layerOf(file), ...include })),
);

/** The includes that break a rule, as text. */
const breaches = (broken) => every.filter(broken).map(({ file, name }) => `${file} includes ${name}`);

describe("the layers of src/", () => {
  it("are the ones that are known, with sources in them", () => {
    assert.ok(sources.length > 0);
    assert.deepEqual(
      [...new Set(sources.map(layerOf))].filter((layer) => layer !== "binding" && !(layer in layers)),
      [],
    );
  });

  it("include only the layers below them, by the path from src/", () => {
    const allowed = (layer) => (layer === "binding" ? all : [layer, ...layers[layer]]);
    const broken = ({ layer, name, own }) =>
      own && !(layer === "binding" && !name.includes("/")) && !allowed(layer).includes(name.split("/")[0]);
    assert.deepEqual(breaches(broken), []);
  });

  it("include nothing that does not exist", () => {
    const exists = ({ file, name }) =>
      existsSync(path.join(root, "src", name)) || existsSync(path.join(root, path.dirname(file), name));
    assert.deepEqual(
      breaches((include) => include.own && !exists(include)),
      [],
    );
  });

  it("name libav in src/media only", () => {
    assert.deepEqual(
      breaches(({ layer, name }) => layer !== "media" && libav.test(name)),
      [],
    );
  });

  it("name the JSON library in src/json and binding/ only", () => {
    assert.deepEqual(
      breaches(({ layer, name }) => layer !== "json" && layer !== "binding" && json.test(name)),
      [],
    );
  });

  it("name Node-API in binding/ only", () => {
    assert.deepEqual(
      breaches(({ layer, name }) => layer !== "binding" && nodeApi.test(name)),
      [],
    );
  });

  it("use nothing but the standard library in base, timeline and bitstream", () => {
    const lower = ["base", "timeline", "bitstream"];
    assert.deepEqual(
      breaches(({ layer, name, own }) => lower.includes(layer) && !own && !standard.test(name)),
      [],
    );
  });

  it("touch no file, clock or thread in timeline and bitstream", () => {
    const pure = ["timeline", "bitstream"];
    assert.deepEqual(
      breaches(({ layer, name, own }) => pure.includes(layer) && !own && impure.test(name)),
      [],
    );
  });

  it("guard every header with #pragma once", () => {
    const headers = sources.filter((file) => file.endsWith(".h"));
    assert.deepEqual(
      headers.filter((file) => !/^#pragma once$/m.test(readFileSync(path.join(root, file), "utf8"))),
      [],
    );
  });
});
