// Exports and says how that went: {"report": …} or {"error": …}.
//
//   plain_export.js '{"config": {}, "options": {}}'
import { exportVideo } from "@opencut/libav";

const { config, options } = JSON.parse(process.argv[2]);
const end = await exportVideo(config, { ...options, onProgress: () => console.log("progress") }).then(
  (report) => ({ report }),
  (error) => ({ error }),
);
console.log(JSON.stringify(end));
