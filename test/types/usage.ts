// What a user of the package writes compiles, and mistakes do not.
import { expectTypeOf } from "expect-type";
import { capabilities, cut, exportVideo, isMediaError, MediaError, planExport, probe } from "@opencut/libav";
import { createProcessor, processExportJob } from "@opencut/libav/processor";
import type { JobStatus, ProcessorMetrics } from "@opencut/libav/processor";
import type {
  ExportConfigInput,
  ExportPlan,
  ExportProgress,
  ExportReport,
  MediaErrorCode,
  MediaInfo,
} from "@opencut/libav";

declare const config: ExportConfigInput;
declare const anything: unknown;

expectTypeOf(probe("a.mp4")).resolves.toEqualTypeOf<MediaInfo>();
expectTypeOf(planExport(config, { mode: "hybrid" })).resolves.toEqualTypeOf<ExportPlan>();
expectTypeOf(exportVideo(config)).resolves.toEqualTypeOf<ExportReport>();
expectTypeOf(cut("a.mp4", "b.mp4", { start: 1, end: 2 })).resolves.toEqualTypeOf<ExportReport>();
expectTypeOf(capabilities().encoders).toEqualTypeOf<readonly string[]>();

// A report is a plan that came true: what shows a plan shows a report.
expectTypeOf<ExportReport>().toExtend<ExportPlan>();

exportVideo(config, { onProgress: (progress) => expectTypeOf(progress).toEqualTypeOf<ExportProgress>() });
if (isMediaError(anything)) expectTypeOf(anything.code).toEqualTypeOf<MediaErrorCode>();
expectTypeOf(MediaError.fromJSON(anything)).toEqualTypeOf<MediaError>();

const info = await probe("a.mp4");
for (const stream of info.streams) {
  if (stream.type === "video") expectTypeOf(stream.width).toBeNumber();
  else if (stream.type === "audio") expectTypeOf(stream.sampleRate).toBeNumber();
}

// The caller's own call, and what is watched.
expectTypeOf(processExportJob(config, "/data/exports/a", "/data")).resolves.toEqualTypeOf<void>();
const processor = createProcessor({
  mediaBasePath: "/data",
  concurrency: 2,
  retention: { maxCount: 100 },
  logger: console,
});
for await (const event of processor.watch("a")) expectTypeOf(event).toEqualTypeOf<JobStatus>();
expectTypeOf(processor.metrics()).toEqualTypeOf<ProcessorMetrics>();
await processor.stop({ drain: true, timeoutMs: 1000 });
// @ts-expect-error -- where jobs are read and written is not a matter of how they are rendered
createProcessor({ render: { output: "/tmp/out.mp4" } });

// @ts-expect-error -- no such mode
exportVideo(config, { mode: "smart" });
// @ts-expect-error -- a plan reports no progress
planExport(config, { onProgress() {} });
// @ts-expect-error -- paths are relative to the working directory, there is no media base
cut("a.mp4", "b.mp4", { mediaBasePath: "/media" });
// @ts-expect-error -- results are not to be written to
info.duration = 1;
// @ts-expect-error -- a config has an output
exportVideo({ ...config, output: undefined });
