// Exports, aborts once the gate of held_calls.c is there, and says how that went.
//
//   held_export.js '{"config": {}, "options": {}, "gate": "/path", "release": "soon" | "settled"}'
import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { exportVideo } from "@opencut/libav";

const { config, options, gate, release } = JSON.parse(process.argv[2]);
const controller = new AbortController();
const reason = new Error("enough");
let calls = 0;
const count = () => void calls++;
const settled = exportVideo(config, { ...options, signal: controller.signal, onProgress: count, onLog: count }).then(
  () => "resolved",
  (error) => (error === reason ? "rejected with the reason" : `rejected with ${error.stack}`),
);
while (!existsSync(gate)) await sleep(1);
const abortedAt = performance.now();
const callsBefore = calls;
controller.abort(reason);
if (release === "soon") setTimeout(() => rmSync(gate), 20);
const outcome = await settled;
const abortToEndMs = performance.now() - abortedAt;
if (release === "settled") rmSync(gate);
await sleep(150);
console.log(JSON.stringify({ outcome, abortToEndMs, callsAfter: calls - callsBefore }));
