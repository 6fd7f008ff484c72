// The stand-in of the caller's monorepo, with this package in it as a workspace's would be: by a link.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../binding/support/footage.js";
import { root } from "../../binding/support/programs.js";

const standIn = fileURLToPath(new URL("../stand-in", import.meta.url));
const tsc = path.join(root, "node_modules/typescript/bin/tsc");
// In the order in which they are compiled.
const packages = ["export-config", "export-processor"];

/** Lays the monorepo out and compiles it. */
export function makeWorkspace() {
  const folder = temporaryFolder();
  cpSync(standIn, folder, { recursive: true });
  const modules = path.join(folder, "node_modules");
  for (const scope of ["@opencut", "@types"]) mkdirSync(path.join(modules, scope), { recursive: true });
  symlinkSync(root, path.join(modules, "@opencut/libav"));
  for (const name of packages) symlinkSync(path.join(folder, name), path.join(modules, "@opencut", name));
  for (const name of ["zod", "@types/node"]) {
    symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
  }
  const compiled = packages.map((name) => compile(path.join(folder, name)));
  return {
    /** What the compiler said of each package: nothing, where all is well. */
    complaints: compiled.join(""),
    /** The service for a runtime that takes TypeScript, and for one that does not. */
    service: {
      typescript: path.join(folder, "export-processor/index.ts"),
      javascript: path.join(folder, "export-processor/dist/index.js"),
    },
    /** The caller's schema. @returns {Promise<typeof import("@opencut/libav/schema")>} */
    schema: () => import(path.join(folder, "export-config/dist/index.js")),
  };
}

function compile(folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8" });
  return status === 0 ? "" : `${stdout}${stderr}` || `exit status ${status}`;
}
