// The caller's service as it is today, but for the line that imports processExportJob: it looks at all jobs, does those
// that are pending one after the other, and looks again.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExportConfigSchema, ExportStatusFileSchema } from "@opencut/export-config";
import type { ExportConfig, ExportStatusFile } from "@opencut/export-config";
import { processExportJob } from "@opencut/libav/processor";

const mediaBasePath = process.env.MEDIA_BASE_PATH ?? "/data";
const pollIntervalMs = Number(process.env.POLL_INTERVAL_MS ?? 3000);
const exportsFolder = path.join(mediaBasePath, "exports");

async function readStatus(jobDir: string): Promise<ExportStatusFile> {
  return ExportStatusFileSchema.parse(JSON.parse(await readFile(path.join(jobDir, "status.json"), "utf8")));
}

async function readConfig(jobDir: string): Promise<ExportConfig> {
  return ExportConfigSchema.parse(JSON.parse(await readFile(path.join(jobDir, "config.json"), "utf8")));
}

async function processIfPending(jobDir: string): Promise<void> {
  try {
    const { jobId, status } = await readStatus(jobDir);
    if (status !== "pending") return;
    const config = await readConfig(jobDir);
    console.log(`processing ${jobId}`);
    await processExportJob(config, jobDir, mediaBasePath);
  } catch (error) {
    console.error(`${jobDir}:`, error);
  }
}

async function poll(): Promise<void> {
  const folders = await readdir(exportsFolder, { withFileTypes: true });
  for (const folder of folders) {
    if (folder.isDirectory()) await processIfPending(path.join(exportsFolder, folder.name));
  }
}

console.log(`watching ${exportsFolder} every ${pollIntervalMs} ms`);
for (;;) {
  await poll();
  await sleep(pollIntervalMs);
}
