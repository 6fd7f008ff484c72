export { processExportJob } from "./export_job.js";
export { createProcessor } from "./processor.js";
