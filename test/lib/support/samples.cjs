// What an addon answers, as types/ describes it; tsc checks that.
"use strict";

/** @type {import("../../../types/media.js").MediaInfo} */
exports.mediaInfo = {
  path: "/media/clip.mp4",
  container: "mov,mp4,m4a,3gp,3g2,mj2",
  size: 1_234_567,
  duration: 90.5,
  startTime: 0,
  bitRate: 109_132,
  streams: [
    {
      index: 0,
      id: 1,
      type: "video",
      codec: "h264",
      codecTag: "avc1",
      profile: "High",
      level: 40,
      timeBase: [1, 15360],
      startTime: 0,
      duration: 90.5,
      frameCount: 2715,
      disposition: ["default"],
      metadata: {},
      width: 1920,
      height: 1080,
      codedWidth: 1920,
      codedHeight: 1088,
      rotation: 90,
      mirrored: false,
      pixelFormat: "yuv420p",
      bitDepth: 8,
      color: { range: "tv", space: "bt709" },
      averageFrameRate: [30000, 1001],
      realFrameRate: [30000, 1001],
      reorderDepth: 2,
    },
    {
      index: 1,
      type: "audio",
      codec: "aac",
      profile: "LC",
      timeBase: [1, 48000],
      language: "eng",
      disposition: ["default"],
      metadata: {},
      sampleRate: 48000,
      channels: 2,
      channelLayout: "stereo",
      sampleFormat: "fltp",
      initialPadding: 1024,
    },
  ],
  chapters: [{ start: 0, end: 10, title: "Intro", metadata: {} }],
  metadata: { title: "Clip" },
};

/** @type {import("../../../types/plan.js").ExportPlan} */
exports.plan = {
  mode: "hybrid",
  output: {
    path: "/media/exports/1/output.mp4",
    format: "mp4",
    codec: "h264",
    width: 1920,
    height: 1080,
    pixelFormat: "yuv420p",
    rotation: 0,
    frameRate: [30, 1],
    constantFrameRate: true,
    timeBase: [1, 15360],
    duration: 10,
    durationTicks: 153_600,
    estimatedBytes: 8_000_000,
    framesCopied: 240,
    framesEncoded: 60,
  },
  runs: [
    {
      segments: [0, 1],
      source: 0,
      requested: { start: 1.01, end: 7.01 },
      actual: { start: 1, end: 7 },
      timelineStart: 0,
      offsetMs: 10,
      steps: [
        { kind: "encode", start: 0, end: 1, frames: 30, reason: "the cut lies inside a GOP" },
        { kind: "copy", start: 1, end: 6, frames: 150, bytes: 5_000_000 },
      ],
    },
    {
      segments: [2, 2],
      source: 1,
      requested: { start: 0, end: 4 },
      actual: { start: 0, end: 4 },
      timelineStart: 6,
      offsetMs: -3.3,
      steps: [
        { kind: "copy", start: 6, end: 9, frames: 90, bytes: 2_400_000 },
        { kind: "encode", start: 9, end: 10, frames: 30, reason: "no packet boundary lies at the end" },
      ],
    },
  ],
  audio: {
    mode: "exact",
    codec: "aac",
    sampleRate: 48000,
    channels: 2,
    channelLayout: "stereo",
    bitRate: 192_000,
    duration: 10,
  },
  warnings: [{ code: "END_CLAMPED", message: "ends 0.5 s beyond its source", segment: 2 }],
};

/** @type {import("../../../types/export.js").ExportReport} */
exports.report = {
  ...exports.plan,
  output: { ...exports.plan.output, bytes: 7_900_123 },
  audio: {
    ...exports.plan.audio,
    mode: "exact",
    codec: "aac",
    sampleRate: 48000,
    channels: 2,
    duration: 10,
    packetsCopied: 0,
    packetsEncoded: 470,
  },
  verified: "fast",
  framesDecoded: 95,
  bytesRead: 9_000_000,
  elapsedMs: 1250,
};

/** @type {Omit<import("../../../types/capabilities.js").Capabilities, "versions"> & { versions: Record<string, string> }} */
exports.capabilities = {
  versions: {
    ffmpeg: "5.1.9",
    libavformat: "59.27.100",
    libavcodec: "59.37.100",
    libavfilter: "8.44.100",
    libavutil: "57.28.100",
    libswresample: "4.7.100",
    libswscale: "6.7.100",
  },
  encoders: ["aac", "libx264"],
  decoders: ["aac", "h264"],
  muxers: ["mp4", "webm"],
  protocols: ["file"],
  hardware: [],
  license: "GPL version 2 or later",
};

/** @type {import("../../../types/job.js").ExportProgress} */
exports.progress = {
  phase: "rendering",
  progress: 0.5,
  segment: 1,
  segments: 3,
  time: 5,
  duration: 10,
  framesCopied: 120,
  framesEncoded: 30,
  bytesWritten: 4_000_000,
  speed: null,
  etaSeconds: null,
};

/** @type {import("../../../types/job.js").LogLine} */
exports.logLine = {
  level: "warning",
  message: "something is odd",
  component: "h264",
  unknownOrigin: false,
  dropped: 0,
};

/** @type {import("../../../types/config.js").ExportConfigInput} */
exports.config = {
  version: 1,
  id: "1",
  projectId: "p",
  projectName: "Project",
  createdAt: "2026-01-02T03:04:05.678Z",
  sources: [
    { id: "a", name: "camera a", filePath: "a.mp4" },
    { id: "b", name: "camera b", filePath: "b.mp4", hasAudio: true },
  ],
  segments: [
    { sourceIndex: 0, startTime: 1.01, endTime: 4 },
    { sourceIndex: 0, startTime: 4, endTime: 7.01 },
    { sourceIndex: 1, startTime: 0, endTime: 4.5, audioFromSource: false },
  ],
  output: { filePath: "exports/1/output.mp4" },
};
