// A headless browser, and a server of files to play in it.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { commandPath } from "../../scripts/steps/requirements.mjs";

const page = fileURLToPath(new URL("page", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".mp4": "video/mp4", ".webm": "video/webm" };

const program = commandPath("chromium");

/** Why no test here can run, if so. */
export const noBrowser = program === undefined && "no Chromium: npm run setup -- --for browser";

/** @returns {Promise<import("playwright-core").Browser>} */
export const openBrowser = () =>
  chromium.launch({ executablePath: program, args: ["--autoplay-policy=no-user-gesture-required", "--disable-gpu"] });

/** Answers as servers of media do: seeking asks for a range. */
function answer(file, { headers }, response) {
  const { size } = statSync(file);
  const [, first = 0, last = size - 1] = headers.range?.match(/^bytes=(\d+)-(\d+)?$/) ?? [];
  response.writeHead(headers.range ? 206 : 200, {
    "Accept-Ranges": "bytes",
    "Content-Length": Number(last) - Number(first) + 1,
    "Content-Type": types[path.extname(file)],
    ...(headers.range && { "Content-Range": `bytes ${first}-${last}/${size}` }),
  });
  pipeline(createReadStream(file, { start: Number(first), end: Number(last) }), response, () => {});
}

/**
 * Serves the page at /, and what is put into `files` by the names given there, until it is closed.
 * @returns {Promise<{ address: string, files: Map<string, string>, close: () => void }>}
 */
export async function serveFiles() {
  const files = new Map(["index.html", "player.js"].map((name) => [`/${name}`, path.join(page, name)]));
  const server = createServer((request, response) => {
    const file = files.get(request.url);
    if (file) answer(file, request, response);
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}`, files, close: () => server.close() };
}
