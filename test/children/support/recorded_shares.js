// Loaded into a child by --import: writes down what the addon is told of other children, a line each time.
import { appendFileSync } from "node:fs";
import { loadNative } from "../../../lib/native.js";

const native = loadNative();
const { shareCoresWith } = native;
native.shareCoresWith = (jobsElsewhere) => {
  appendFileSync(process.env.RECORDED_SHARES, `${jobsElsewhere}\n`);
  shareCoresWith(jobsElsewhere);
};
