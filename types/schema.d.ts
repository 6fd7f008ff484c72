import type { z } from "zod/v3";

/** `pending`, `processing`, `completed` or `failed`. */
export declare const ExportStatusSchema: z.ZodEnum<["pending", "processing", "completed", "failed"]>;

/** One media file. Numbers are what the editor believes; the file itself is asked. */
export declare const ExportSourceSchema: z.ZodObject<
  {
    id: z.ZodString;
    name: z.ZodString;
    /** Absolute, or relative to `<mediaBasePath>/sources/`. */
    filePath: z.ZodString;
    width: z.ZodOptional<z.ZodNumber>;
    height: z.ZodOptional<z.ZodNumber>;
    /** Seconds. */
    duration: z.ZodOptional<z.ZodNumber>;
    fps: z.ZodOptional<z.ZodNumber>;
    hasAudio: z.ZodDefault<z.ZodBoolean>;
  },
  "strip"
>;

/** A span of one source, in seconds of that source. */
export declare const ExportSegmentSchema: z.ZodObject<
  {
    /** Index into the config's sources. */
    sourceIndex: z.ZodNumber;
    startTime: z.ZodNumber;
    endTime: z.ZodNumber;
    /** False: no sound in this segment. */
    audioFromSource: z.ZodDefault<z.ZodBoolean>;
  },
  "strip"
>;

/** What is to be written. */
export declare const ExportOutputSchema: z.ZodObject<
  {
    /** Absolute, or relative to `<mediaBasePath>/`. */
    filePath: z.ZodString;
    format: z.ZodDefault<z.ZodEnum<["mp4", "webm"]>>;
    width: z.ZodOptional<z.ZodNumber>;
    height: z.ZodOptional<z.ZodNumber>;
    fps: z.ZodOptional<z.ZodNumber>;
    codec: z.ZodDefault<z.ZodEnum<["copy", "h264", "h265"]>>;
    includeAudio: z.ZodDefault<z.ZodBoolean>;
  },
  "strip"
>;

/**
 * An export config, version 1: the same shape, defaults and refusals as the addon's own parser, so that a config
 * which parses here is never `ERR_BAD_ARGS` for its shape there. Unknown keys are dropped.
 */
export declare const ExportConfigSchema: z.ZodObject<
  {
    version: z.ZodLiteral<1>;
    id: z.ZodString;
    projectId: z.ZodString;
    projectName: z.ZodString;
    /** ISO 8601 date and time in UTC. */
    createdAt: z.ZodString;
    sources: z.ZodArray<typeof ExportSourceSchema>;
    segments: z.ZodArray<typeof ExportSegmentSchema>;
    output: typeof ExportOutputSchema;
    status: z.ZodDefault<typeof ExportStatusSchema>;
  },
  "strip"
>;

/** What stands in a job's `status.json`. */
export declare const ExportStatusFileSchema: z.ZodObject<
  {
    jobId: z.ZodString;
    status: typeof ExportStatusSchema;
    /** 0 to 1. */
    progress: z.ZodDefault<z.ZodNumber>;
    message: z.ZodOptional<z.ZodString>;
    error: z.ZodOptional<z.ZodString>;
    downloadUrl: z.ZodOptional<z.ZodString>;
  },
  "strip"
>;

/** A parsed config: defaults filled in. What to hand to `exportVideo` may leave them out; see `ExportConfigInput`. */
export type ExportConfig = z.infer<typeof ExportConfigSchema>;
/** A source, its default filled in. */
export type ExportSource = z.infer<typeof ExportSourceSchema>;
/** A segment, its default filled in. */
export type ExportSegment = z.infer<typeof ExportSegmentSchema>;
/** An output, its defaults filled in. */
export type ExportOutput = z.infer<typeof ExportOutputSchema>;
/** One of the four. */
export type ExportStatus = z.infer<typeof ExportStatusSchema>;
/** A status file, its default filled in. */
export type ExportStatusFile = z.infer<typeof ExportStatusFileSchema>;
