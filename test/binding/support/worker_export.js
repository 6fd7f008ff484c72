// A worker thread that exports as its data says: tells its parent of each progress, of the report or of the failure.
import { parentPort, workerData } from "node:worker_threads";
import { exportVideo } from "@opencut/libav";

const { config, options, exitAtFirstProgress } = workerData;
const onProgress = (progress) => {
  parentPort.postMessage({ progress });
  if (exitAtFirstProgress) process.exit(5);
};
await exportVideo(config, { ...options, onProgress }).then(
  (report) => parentPort.postMessage({ report }),
  (error) => parentPort.postMessage({ error: String(error) }),
);
