// Probes, plans and exports each of some files and says with which code each of the three ended.
//
//   open_all.js OUTPUT FILE...
import { exportVideo, planExport, probe } from "@opencut/libav";
import { shortEdit } from "./footage.js";

const [output, ...files] = process.argv.slice(2);
const codeOf = (promise) =>
  promise.then(
    () => "resolved",
    (error) => error.code,
  );
const codes = {};
for (const file of files) {
  const sources = [{ id: "x", name: "x", filePath: file }];
  const config = { ...shortEdit, sources };
  codes[file] = [
    await codeOf(probe(file)),
    await codeOf(planExport(config, { output })),
    await codeOf(exportVideo(config, { output })),
  ];
}
console.log(JSON.stringify(codes));
