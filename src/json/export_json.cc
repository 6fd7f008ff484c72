#include "json/export_json.h"

#include "json/json_text.h"

namespace opencut {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

const char* FormatName(OutputFormat format) {
  return format == OutputFormat::kWebm ? "webm" : "mp4";
}

const char* VerifyName(VerifyLevel level) {
  switch (level) {
    case VerifyLevel::kOff:
      return "off";
    case VerifyLevel::kFast:
      return "fast";
    case VerifyLevel::kFull:
      return "full";
  }
  return "off";
}

JsonObject SpanJson(const Seconds& start, const Seconds& end) {
  return {{"start", start.ToDouble()}, {"end", end.ToDouble()}};
}

// From ticks, whose terms are small: that of two arbitrary durations need not fit 64 bits.
Rational FramesPerSecond(std::int64_t frames, std::int64_t ticks, const Rational& time_base) {
  if (ticks <= 0) return 0;
  return Rational(frames * time_base.den(), ticks * time_base.num());
}

JsonObject OutputJson(const PlanReport& report) {
  const Plan& plan = report.plan;
  const PlannedVideo& video = plan.video;
  const std::int64_t ticks = ToTicks(plan.duration, video.time_base, Rounding::kNearest);
  const std::int64_t frames = video.frames_copied + video.frames_encoded;
  const std::optional<DisplayMatrix>& matrix = video.shape.display_matrix;
  return {{"path", report.output_path},
          {"format", FormatName(plan.format)},
          {"codec", video.shape.codec},
          {"width", video.shape.width},
          {"height", video.shape.height},
          {"pixelFormat", video.shape.pixel_format},
          {"rotation", matrix ? RotationDegrees(*matrix) : 0},
          {"frameRate", RationalJson(FramesPerSecond(frames, ticks, video.time_base))},
          {"constantFrameRate", report.constant_frame_rate},
          {"timeBase", RationalJson(video.time_base)},
          {"duration", plan.duration.ToDouble()},
          {"durationTicks", ticks},
          {"estimatedBytes", plan.estimated_bytes},
          {"framesCopied", video.frames_copied},
          {"framesEncoded", video.frames_encoded}};
}

JsonObject StepJson(const VideoStep& step) {
  const bool copied = step.kind == StepKind::kCopy;
  JsonObject object = {{"kind", copied ? "copy" : "encode"},
                       {"start", step.out_start.ToDouble()},
                       {"end", step.out_end.ToDouble()},
                       {"frames", step.frames}};
  if (copied) {
    object["bytes"] = step.source_bytes;
  } else {
    SetUnlessEmpty(object, "reason", step.reason);
  }
  return object;
}

// How late a source's time 0 lies on the output, were all of the source there. In doubles: exact
// differences of times in several time bases need not fit 64 bits.
double Shift(const Seconds& output_time, const Seconds& source_time) {
  return output_time.ToDouble() - source_time.ToDouble();
}

JsonObject RunJson(const PlannedRun& run, const RunRange& requested) {
  JsonObject object;
  object["segments"] = {run.range.first_segment, run.range.last_segment};
  object["source"] = requested.source;
  object["requested"] = SpanJson(requested.start, requested.end);
  object["actual"] = SpanJson(run.in_point, run.out_point);
  object["timelineStart"] = run.picture_start.ToDouble();
  const double late =
      Shift(run.picture_start, run.in_point) - Shift(run.timeline_start, run.range.start);
  object["offsetMs"] = late * kMillisecondsPerSecond;
  object["steps"] = JsonObject::array();
  for (const VideoStep& step : run.steps) object["steps"].push_back(StepJson(step));
  return object;
}

JsonObject AudioJson(const PlanReport& report) {
  if (!report.plan.audio) return nullptr;
  const PlannedAudio& audio = *report.plan.audio;
  JsonObject object = {{"mode", AudioModeName(audio.mode)},
                       {"codec", audio.codec},
                       {"sampleRate", audio.sample_rate},
                       {"channels", audio.channels}};
  SetUnlessEmpty(object, "channelLayout", audio.channel_layout);
  if (audio.mode == AudioMode::kExact) object["bitRate"] = report.audio_bit_rate;
  object["duration"] = report.plan.timeline_end.ToDouble();
  return object;
}

JsonObject WarningsJson(const std::vector<Warning>& warnings, bool clamp_silently) {
  JsonObject array = JsonObject::array();
  for (const Warning& warning : warnings) {
    if (clamp_silently && warning.code == "END_CLAMPED") continue;
    JsonObject object = {{"code", warning.code}, {"message", warning.message}};
    SetIfKnown(object, "segment", warning.segment);
    array.push_back(std::move(object));
  }
  return array;
}

JsonObject PlanJson(const PlanReport& report, const ExportOptions& options) {
  const Plan& plan = report.plan;
  JsonObject object;
  object["mode"] = RenderModeName(plan.mode);
  object["output"] = OutputJson(report);
  object["runs"] = JsonObject::array();
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const RunRange& requested =
        i < report.requested.size() ? report.requested[i] : plan.runs[i].range;
    object["runs"].push_back(RunJson(plan.runs[i], requested));
  }
  object["audio"] = AudioJson(report);
  object["warnings"] = WarningsJson(plan.warnings, options.clamp_silently);
  return object;
}

}  // namespace

std::string ToJson(const PlanReport& report, const ExportOptions& options) {
  return Text(PlanJson(report, options));
}

std::string ToJson(const ExportReport& report, const ExportOptions& options) {
  JsonObject object = PlanJson(report.planned, options);
  object["output"]["bytes"] = report.output_bytes;
  if (!object["audio"].is_null()) {
    object["audio"]["packetsCopied"] = report.audio_packets_copied;
    object["audio"]["packetsEncoded"] = report.audio_packets_encoded;
  }
  object["verified"] = VerifyName(report.verified);
  object["framesDecoded"] = report.frames_decoded;
  object["bytesRead"] = report.bytes_read;
  object["elapsedMs"] = report.elapsed_ms;
  return Text(object);
}

std::string ToJson(const ExportProgress& progress) {
  JsonObject object = {{"phase", PhaseName(progress.phase)},
                       {"progress", progress.progress},
                       {"segment", progress.segment},
                       {"segments", progress.segments},
                       {"time", progress.time.ToDouble()},
                       {"duration", progress.duration.ToDouble()},
                       {"framesCopied", progress.frames_copied},
                       {"framesEncoded", progress.frames_encoded},
                       {"bytesWritten", progress.bytes_written},
                       {"speed", nullptr},
                       {"etaSeconds", nullptr}};
  SetIfKnown(object, "speed", progress.speed);
  SetIfKnown(object, "etaSeconds", progress.eta_seconds);
  return Text(object);
}

}  // namespace opencut
