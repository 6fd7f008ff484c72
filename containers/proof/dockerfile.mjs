// Reads the Dockerfiles of this project: the instructions that they use, and a refusal of all others.
import { StepFailed } from "../../scripts/steps/command.mjs";

const known = ["RUN", "COPY", "WORKDIR", "ENV", "USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"];

/**
 * @typedef {object} Stage
 * @property {string} base The image it begins with.
 * @property {string} [name]
 * @property {{ word: string, rest: string }[]} instructions
 */

/** @param {string} text @returns {Stage[]} */
export function readDockerfile(text) {
  const whole = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\s*\\\n\s*/g, " ");
  const stages = [];
  for (const line of whole.split("\n").filter(Boolean)) {
    const [word, rest] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    if (word === "FROM") {
      const [base, , name] = rest.split(" ");
      stages.push({ base, name, instructions: [] });
    } else if (known.includes(word)) stages.at(-1).instructions.push({ word, rest });
    else throw new StepFailed(`cannot read: ${line}`);
  }
  return stages;
}
