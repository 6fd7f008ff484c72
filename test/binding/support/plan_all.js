// Plans and exports each of some requests and says with which code, and about which place, each ended.
//
//   plan_all.js '[{"config": {}, "options": {}}]'
import { exportVideo, planExport, probe } from "@opencut/libav";

const endOf = (promise) =>
  promise.then(
    () => "resolved",
    ({ code, context }) => [code, context?.jsonPath ?? null],
  );
const ends = [];
for (const { input, config, options } of JSON.parse(process.argv[2])) {
  if (input !== undefined) ends.push({ probe: await endOf(probe(input, options)) });
  else ends.push({ plan: await endOf(planExport(config, options)), export: await endOf(exportVideo(config, options)) });
}
console.log(JSON.stringify(ends));
