// What `opencut-libav process` says when it cannot begin.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run, root } from "../binding/support/programs.js";
import { temporaryFolder } from "../binding/support/footage.js";

const command = (args, env = {}) => run([`${root}/lib/cli/main.js`, "process", ...args], { env });

const cases = {
  "without a base": [[], { MEDIA_BASE_PATH: "" }, 2, /There is no media base \(ERR_BAD_ARGS\)\nSet MEDIA_BASE_PATH/],
  "with a base that is not there": [["--media-base", "/nowhere"], {}, 5, /ERR_FS/],
  "with an option that cannot be": [["--media-base", "/tmp", "--concurrency", "0"], {}, 2, /options\.concurrency/],
  "with a size that is none": [["--media-base", "/tmp", "--memory-budget", "much"], {}, 2, /number of bytes/],
};
for (const [name, [args, env, code, text]] of Object.entries(cases)) {
  test(`${name} it ends with ${code}`, async () => {
    const ended = await command(args, env);
    assert.match(ended.stderr, text);
    assert.deepEqual([ended.code, ended.stdout], [code, ""]);
  });
}

test("without an addon it does not begin: it would fail every job", async () => {
  const ended = await command([], { MEDIA_BASE_PATH: temporaryFolder(), OPENCUT_LIBAV_BINARY: "/nowhere.node" });
  assert.equal(ended.code, 6);
  assert.match(ended.stderr, /ERR_NATIVE_UNAVAILABLE/);
});
