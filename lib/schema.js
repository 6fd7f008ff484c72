// zod/v3 and not zod: it is the same in zod 3.25 and in zod 4, so a caller may have either.
import { z } from "zod/v3";

export const ExportStatusSchema = z.enum(["pending", "processing", "completed", "failed"]);

const seconds = z.number().finite().nonnegative();
const pixels = z.number().finite().int().positive();
const framesPerSecond = z.number().finite().positive();

export const ExportSourceSchema = z.object({
  id: z.string(),
  name: z.string(),
  filePath: z.string(),
  width: pixels.optional(),
  height: pixels.optional(),
  duration: seconds.optional(),
  fps: framesPerSecond.optional(),
  hasAudio: z.boolean().default(true),
});

export const ExportSegmentSchema = z.object({
  sourceIndex: z.number().finite().int().nonnegative(),
  startTime: seconds,
  endTime: seconds,
  audioFromSource: z.boolean().default(true),
});

export const ExportOutputSchema = z.object({
  filePath: z.string(),
  format: z.enum(["mp4", "webm"]).default("mp4"),
  width: pixels.optional(),
  height: pixels.optional(),
  fps: framesPerSecond.optional(),
  codec: z.enum(["copy", "h264", "h265"]).default("copy"),
  includeAudio: z.boolean().default(true),
});

export const ExportConfigSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  projectId: z.string(),
  projectName: z.string(),
  createdAt: z.string().datetime(),
  sources: z.array(ExportSourceSchema).min(1),
  segments: z.array(ExportSegmentSchema).min(1),
  output: ExportOutputSchema,
  status: ExportStatusSchema.default("pending"),
});

export const ExportStatusFileSchema = z.object({
  jobId: z.string(),
  status: ExportStatusSchema,
  progress: z.number().min(0).max(1).default(0),
  message: z.string().optional(),
  error: z.string().optional(),
  downloadUrl: z.string().optional(),
});
