// One trial in a process of its own: `node trial.mjs REQUEST`, a JSON text { way, config, base, output, options }.
// Prints one JSON object about itself; what the whole process tree cost is measured from outside.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { exportVideo, probe } from "../../lib/index.js";
import { cutAndConcatenate, encodeInOneProcess } from "./command-line-ways.mjs";

const ownPeak = () => process.resourceUsage().maxRSS * 1024;

async function own({ config, base, output, options }) {
  const report = await exportVideo(config, { mediaBasePath: base, output, ...options });
  const { framesCopied, framesEncoded } = report.output;
  return {
    peakBytes: ownPeak(),
    framesCopied,
    framesEncoded,
    framesDecoded: report.framesDecoded,
    bytesRead: report.bytesRead,
    elapsedMs: report.elapsedMs,
  };
}

/** Warm: the first call, which loads the addon, is not counted. */
async function ownProbe({ file, calls }) {
  await probe(file);
  const before = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < calls; i++) await probe(file);
  const { user, system } = process.cpuUsage(before);
  return {
    peakBytes: ownPeak(),
    cpuPerCall: (user + system) / 1e6 / calls,
    wallPerCall: (performance.now() - start) / 1e3 / calls,
  };
}

const ways = {
  own,
  probe: ownProbe,
  today: (request) => cutAndConcatenate(request),
  oneProcess: (request) => encodeInOneProcess(request),
};

const request = JSON.parse(process.argv[2]);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const result = await ways[request.way](request);
delay.disable();
console.log(JSON.stringify({ ...result, eventLoopDelayMs: delay.percentile(99) / 1e6 }));
