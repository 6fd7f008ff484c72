// Looks at a job's folder all the time, as a web app might, and remembers what must never be.
import { lstatSync, readFileSync } from "node:fs";
import { ExportStatusFileSchema } from "@opencut/libav/schema";

const lookIntervalMs = 3;

/**
 * @param {import("./bases.js").Base} base
 * @param {string} id
 */
export function watchJob(base, id) {
  /** @type {object[]} Every status that was seen, once. */
  const statuses = [];
  /** @type {Set<string>} Every file that was seen under the output's name. */
  const outputs = new Set();
  const broken = [];
  let lastText = "";

  function look() {
    const text = readIfThere(`${base.jobFolder(id)}/status.json`);
    if (text !== null && text !== lastText) {
      lastText = text;
      try {
        statuses.push({ ...JSON.parse(text), atMs: performance.now() });
        if (JSON.parse(text).status !== "cancelled") ExportStatusFileSchema.parse(JSON.parse(text));
      } catch (error) {
        broken.push(`${error}: ${text}`);
      }
    }
    const stat = statIfThere(base.output(id));
    if (stat) outputs.add(`${stat.ino} ${stat.size}`);
  }

  look();
  const timer = setInterval(look, lookIntervalMs).unref();
  return {
    statuses,
    /** What was not as it must be: nothing, in the end. */
    end() {
      clearInterval(timer);
      look();
      const several = outputs.size > 1 ? [`several outputs: ${[...outputs]}`] : [];
      return [...broken, ...falls(statuses), ...several];
    },
  };
}

/** Progress falls only where an attempt begins anew, with "Looking at the sources", or when the job is handed back. */
function falls(statuses) {
  return statuses.flatMap((status, i) => {
    const before = statuses[i - 1];
    const isNew = status.status === "pending" || status.message === "Looking at the sources";
    return before && !isNew && status.progress < before.progress ? [`${before.progress} to ${status.progress}`] : [];
  });
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function statIfThere(file) {
  try {
    return lstatSync(file);
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}
