// Media bases with jobs, as the web app's routes make them.
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { large, small, temporaryFolder } from "../../binding/support/footage.js";

/**
 * A media base with the tests' footage among its sources.
 * @param {string} [folder]
 * @param {{ copies?: boolean }} [options] `copies`: of the footage, to be spoilt, or for a disk of its own.
 */
export function makeBase(folder = temporaryFolder(), { copies = false } = {}) {
  mkdirSync(path.join(folder, "sources"));
  mkdirSync(path.join(folder, "exports"));
  const names = new Map(
    [...small.sources, ...large.sources].map((source, i) => [source, `${i}-${path.basename(source)}`]),
  );
  const put = copies ? copyFileSync : linkSync;
  for (const [source, name] of names) put(source, path.join(folder, "sources", name));
  return {
    folder,
    /** A config with this base's names of the footage. @param {import("../../fixtures/make-multicam.mjs").Multicam} set */
    configOf(set, id, segments = set.config.segments) {
      const sources = set.config.sources.map((source, i) => ({ ...source, filePath: names.get(set.sources[i]) }));
      const output = { ...set.config.output, filePath: `exports/${id}/output.mp4` };
      return { ...set.config, id, sources, segments, output };
    },
    ...jobsOf(folder),
  };
}

/** @typedef {ReturnType<typeof makeBase>} Base */

function jobsOf(folder) {
  const jobFolder = (id) => path.join(folder, "exports", id);
  const read = (id, name) => readFileSync(path.join(jobFolder(id), name), "utf8");
  return {
    jobFolder,
    /** POST /api/export. */
    submit(id, config) {
      mkdirSync(jobFolder(id), { recursive: true });
      writeFileSync(path.join(jobFolder(id), "config.json"), JSON.stringify(config));
      writeFileSync(
        path.join(jobFolder(id), "status.json"),
        JSON.stringify({ jobId: id, status: "pending", progress: 0 }),
      );
    },
    statusOf: (id) => JSON.parse(read(id, "status.json")),
    setStatus: (id, text) => writeFileSync(path.join(jobFolder(id), "status.json"), text),
    output: (id) => path.join(jobFolder(id), "output.mp4"),
    namesIn: (id) => readdirSync(jobFolder(id)).sort(),
  };
}
