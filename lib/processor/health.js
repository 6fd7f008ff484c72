// Tells others how a processor is: by a file, and by HTTP.
import { rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { isMediaError, MediaError } from "../errors.js";
import { systemCode } from "./file_error.js";
import { newToken } from "./records.js";
/** @import { ProcessorHealth } from "../../types/processor.js" */
/** @import { Layout } from "./layout.js" */

/** @param {Layout} layout */
export function createHealthFile({ health, staging }) {
  const file = path.join(health, `${os.hostname().replaceAll(/[^\w.-]/g, "_")}-${process.pid}.json`);
  return {
    /** @param {ProcessorHealth} state */
    async write(state) {
      const aside = path.join(staging, newToken());
      await writeFile(aside, `${JSON.stringify({ ...state, writtenAt: new Date().toISOString() }, null, 2)}\n`);
      await rename(aside, file);
    },
    remove: () => rm(file, { force: true }),
  };
}

/**
 * Answers `/healthz` with 200 or 503, and `/metrics`.
 * @param {object} options
 * @param {number} options.port
 * @param {string} options.host
 * @param {() => ProcessorHealth} options.health
 * @param {() => Promise<string>} options.metrics
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export async function startHealthServer({ port, host, health, metrics }) {
  const server = createServer(async (request, response) => {
    /** @param {number} status @param {string} type @param {string} text */
    const answer = (status, type, text) => response.writeHead(status, { "content-type": type }).end(text);
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "text/plain", "GET only\n");
    if (pathname === "/healthz") {
      const state = health();
      return answer(state.status === "failing" ? 503 : 200, "application/json", `${JSON.stringify(state)}\n`);
    }
    if (pathname !== "/metrics") return answer(404, "text/plain", "There is /healthz and /metrics\n");
    try {
      answer(200, "text/plain; version=0.0.4; charset=utf-8", await metrics());
    } catch (error) {
      answer(501, "text/plain", `${isMediaError(error) ? `${error.message}. ${error.hint}` : error}\n`);
    }
  });
  await listen(server, port, host);
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {import("node:http").Server} server @param {number} port @param {string} host @returns {Promise<void>} */
function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const system = systemCode(error);
      reject(
        new MediaError("ERR_FS", `Port ${port} of ${host} cannot be opened: ${error.message}`, {
          context: { system },
          hint: "Choose another healthPort.",
          retryable: false,
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => resolve());
  });
}
