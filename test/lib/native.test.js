import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { addonName, prebuildDirectory, releaseDirectory } from "../../scripts/steps/platform.mjs";
import { root, runNode, runProgram } from "./support/run_node.js";

const reportCapabilities = `
  import { capabilities } from "@opencut/libav";
  try { console.log(JSON.stringify(capabilities())); }
  catch (error) { console.log(JSON.stringify(error)); }`;

/** What `capabilities()` gives or throws in a fresh process. */
async function load(options) {
  const { stdout, stderr } = await runProgram(reportCapabilities, options);
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

test("importing the package loads nothing, whatever state the addon is in", async () => {
  const env = { OPENCUT_LIBAV_BINARY: "/nowhere/addon.node" };
  const { code, stdout } = await runProgram(
    `import * as all from "@opencut/libav"; import "@opencut/libav/schema"; console.log(Object.keys(all).join());`,
    { env },
  );
  assert.deepEqual([code, stdout], [0, "MediaError,capabilities,cut,exportVideo,isMediaError,planExport,probe\n"]);
});

test("a binary chosen by OPENCUT_LIBAV_BINARY that is not there is named, and no other is taken", async () => {
  const error = await load({ env: { OPENCUT_LIBAV_BINARY: "nowhere/addon.node" } });
  assert.equal(error.code, "ERR_NATIVE_UNAVAILABLE");
  assert.ok(error.message.endsWith(`at ${path.join(root, "nowhere/addon.node")}`), error.message);
  assert.equal(error.hint, "Run: npm run build:native");
});

test("a job without an addon rejects with the same error", async () => {
  const { stdout } = await runProgram(
    `import { probe } from "@opencut/libav"; probe("a").catch((error) => console.log(error.code));`,
    { env: { OPENCUT_LIBAV_BINARY: "/nowhere" } },
  );
  assert.equal(stdout, "ERR_NATIVE_UNAVAILABLE\n");
});

test("require() gives the same functions", async () => {
  const { stdout, stderr } = await runNode(["-e", `console.log(require("@opencut/libav").capabilities().license)`]);
  assert.equal(stdout, "GPL version 2 or later\n", stderr);
});

test("capabilities() adds the package's own version", async () => {
  const { versions } = await load();
  assert.equal(versions.package, createRequire(import.meta.url)("../../package.json").version);
  assert.equal(versions.ffmpeg, "5.1.9");
});

const cc = ["cc", "gcc", "clang"].find((name) => spawnSync(name, ["--version"]).status === 0);

describe("compiled binaries", { skip: cc === undefined && "no C compiler" }, () => {
  let folder = "";
  // Where the build scripts put them is where the loader must look.
  const build = () => path.join(folder, path.relative(root, releaseDirectory()), addonName);
  const prebuild = () => path.join(folder, path.relative(root, prebuildDirectory()), addonName);
  const env = { OPENCUT_LIBAV_BINARY: undefined };

  /** An addon whose capabilities are `{ "license": "<name>" }`. */
  function compile(file, name, libraries = []) {
    mkdirSync(path.dirname(file), { recursive: true });
    const source = path.join(folder, "addon.c");
    writeFileSync(
      source,
      `#include <js_native_api.h>
       static napi_value capabilities(napi_env env, napi_callback_info info) {
         napi_value text;
         napi_create_string_utf8(env, "{\\"license\\":\\"${name}\\"}", NAPI_AUTO_LENGTH, &text);
         return text;
       }
       napi_value napi_register_module_v1(napi_env env, napi_value exports) {
         napi_value function;
         napi_create_function(env, "capabilities", NAPI_AUTO_LENGTH, capabilities, 0, &function);
         napi_set_named_property(env, exports, "capabilities", function);
         return exports;
       }`,
    );
    const headers = createRequire(import.meta.url)("node-api-headers").include_dir;
    const args = ["-shared", "-fPIC", "-I", headers, source, "-o", file, "-Wl,--no-as-needed", ...libraries];
    const { status, stderr } = spawnSync(String(cc), args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "opencut-native-"));
    for (const part of ["lib", "package.json"])
      cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("with none, the error tells the paths tried, in order, and the one command to run", async () => {
    const error = await load({ cwd: folder, env });
    assert.equal(error.message, `There is no addon for this platform at ${build()} or ${prebuild()}`);
    assert.equal(error.hint, "Run: npm run build:native");
    const program = `${JSON.stringify(path.join(folder, "lib/index.js"))}`;
    const { stdout } = await runProgram(
      `import { capabilities } from ${program}; try { capabilities() } catch (error) { console.log(error.hint) }`,
      { cwd: os.tmpdir(), env },
    );
    assert.equal(stdout, `Run: npm run build:native --prefix ${folder}\n`);
  });

  test("the prebuilt one is taken; one built here goes before it; a chosen one before both", async () => {
    compile(prebuild(), "prebuilt");
    assert.equal((await load({ cwd: folder, env })).license, "prebuilt");
    compile(build(), "built");
    assert.equal((await load({ cwd: folder, env })).license, "built");
    const chosen = path.join(folder, "chosen.node");
    compile(chosen, "chosen");
    assert.equal((await load({ cwd: folder, env: { OPENCUT_LIBAV_BINARY: chosen } })).license, "chosen");
  });

  test("a library that the system lacks is named", async () => {
    const library = path.join(folder, "libopencut_missing.so.59");
    spawnSync(String(cc), ["-shared", "-x", "c", "/dev/null", "-o", library, "-Wl,-soname,libopencut_missing.so.59"]);
    compile(build(), "built", [library]);
    rmSync(library);
    const error = await load({ cwd: folder, env });
    assert.equal(error.code, "ERR_NATIVE_UNAVAILABLE");
    assert.match(error.message, /needs the library libopencut_missing\.so\.59, which this system lacks$/);
    assert.equal(error.context.path, build());
    assert.match(error.context.system, /cannot open shared object file/);
  });

  test("what is no binary is refused with the system's reason", async () => {
    writeFileSync(build(), "text");
    const error = await load({ cwd: folder, env });
    assert.equal(error.code, "ERR_NATIVE_UNAVAILABLE");
    assert.match(error.message, /cannot be loaded: .*(too short|invalid ELF)/);
  });

  test("a failure is not kept: the next call finds what was built meanwhile", async () => {
    compile(prebuild(), "prebuilt");
    const program = `
      import { capabilities } from "@opencut/libav";
      import { rmSync } from "node:fs";
      try { capabilities(); } catch { rmSync(${JSON.stringify(build())}); }
      console.log(capabilities().license);`;
    const { stdout, stderr } = await runProgram(program, { cwd: folder, env });
    assert.equal(stdout, "prebuilt\n", stderr);
  });
});
