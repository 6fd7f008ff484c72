// An export whose caller never answers to its plan: of a process, which then exits with 7, or of a worker, which says so.
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { exportVideo } from "@opencut/libav";

const { config, options } = isMainThread ? JSON.parse(process.argv[2]) : workerData;

function onPlan() {
  if (isMainThread) setTimeout(() => process.exit(7), 50);
  else parentPort.postMessage("waits");
  return new Promise(() => {});
}

await exportVideo(config, { ...options, onPlan });
