// The types of the caller's own schema package, as its documentation has them, and ours: each may stand for the other.
import { expectTypeOf } from "expect-type";
import type { ExportConfigInput } from "@opencut/libav";
import { exportVideo } from "@opencut/libav";
import type {
  ExportConfig,
  ExportOutput,
  ExportSegment,
  ExportSource,
  ExportStatus,
  ExportStatusFile,
} from "@opencut/libav/schema";
import { ExportConfigSchema, ExportStatusFileSchema } from "@opencut/libav/schema";
import type { z } from "zod";

type CallerStatus = "pending" | "processing" | "completed" | "failed";
interface CallerSource {
  id: string;
  name: string;
  filePath: string;
  width?: number | undefined;
  height?: number | undefined;
  duration?: number | undefined;
  fps?: number | undefined;
  hasAudio: boolean;
}
interface CallerSegment {
  sourceIndex: number;
  startTime: number;
  endTime: number;
  audioFromSource: boolean;
}
interface CallerOutput {
  filePath: string;
  format: "mp4" | "webm";
  width?: number | undefined;
  height?: number | undefined;
  fps?: number | undefined;
  codec: "copy" | "h264" | "h265";
  includeAudio: boolean;
}
interface CallerConfig {
  version: 1;
  id: string;
  projectId: string;
  projectName: string;
  createdAt: string;
  sources: CallerSource[];
  segments: CallerSegment[];
  output: CallerOutput;
  status: CallerStatus;
}
interface CallerStatusFile {
  jobId: string;
  status: CallerStatus;
  progress: number;
  message?: string | undefined;
  error?: string | undefined;
  downloadUrl?: string | undefined;
}

expectTypeOf<ExportStatus>().branded.toEqualTypeOf<CallerStatus>();
expectTypeOf<ExportSource>().branded.toEqualTypeOf<CallerSource>();
expectTypeOf<ExportSegment>().branded.toEqualTypeOf<CallerSegment>();
expectTypeOf<ExportOutput>().branded.toEqualTypeOf<CallerOutput>();
expectTypeOf<ExportConfig>().branded.toEqualTypeOf<CallerConfig>();
expectTypeOf<ExportStatusFile>().branded.toEqualTypeOf<CallerStatusFile>();

// What the caller has parsed is what an export takes, and so is what it has not parsed yet.
declare const parsed: CallerConfig;
declare const unparsed: z.input<typeof ExportConfigSchema>;
expectTypeOf(exportVideo).toBeCallableWith(parsed);
expectTypeOf(exportVideo).toBeCallableWith(unparsed);

// The input type that types/config.d.ts writes out by hand is the schema's, but for `readonly`.
type Writable<T> = { -readonly [K in keyof T]: T[K] extends object ? Writable<T[K]> : T[K] };
expectTypeOf<Writable<ExportConfigInput>>().branded.toEqualTypeOf<z.input<typeof ExportConfigSchema>>();

// The caller's `zod` (3.25) takes our schemas as its own.
expectTypeOf(ExportStatusFileSchema).toExtend<z.ZodTypeAny>();
