export { capabilities } from "./capabilities.js";
export type { Capabilities } from "./capabilities.js";
export type { ExportConfigInput, ExportOutputInput, ExportSegmentInput, ExportSourceInput } from "./config.js";
export { isMediaError, MediaError } from "./errors.js";
export type { MediaErrorCode, MediaErrorContext, MediaErrorInit, MediaErrorJson } from "./errors.js";
export { cut, exportVideo } from "./export.js";
export type { CutOptions, ExportReport, ExportVideoOptions, ReportedAudio, ReportedOutput } from "./export.js";
export type { ExportPhase, ExportProgress, JobOptions, LogLine } from "./job.js";
export { probe } from "./media.js";
export type {
  AccessOptions,
  AudioStreamInfo,
  ChapterInfo,
  Chromaticity,
  ColorInfo,
  CommonStreamInfo,
  ContentLight,
  DolbyVisionConfig,
  HdrInfo,
  MasteringDisplay,
  MediaInfo,
  OtherStreamInfo,
  ProbeOptions,
  StreamInfo,
  VideoStreamInfo,
} from "./media.js";
export type { AudioMode, ExportMode, ExportOptions, VideoOptions } from "./options.js";
export { planExport } from "./plan.js";
export type {
  ExportPlan,
  ExportWarning,
  PlannedAudio,
  PlannedOutput,
  PlannedRun,
  PlannedStep,
  PlanOptions,
  WarningCode,
} from "./plan.js";
export type { Rational, TimeSpan } from "./time.js";
