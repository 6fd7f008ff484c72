// The shapes are those of types/plan.d.ts, types/export.d.ts and types/job.d.ts.
#include "json/export_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace opencut {
namespace {

using nlohmann::json;

// Segments 0 and 1 of source 1, asked for from 10 s to 12.02 s, shown from 9.96 s on for 2 s.
PlannedRun Run() {
  PlannedRun run;
  run.range = {.first_segment = 0,
               .last_segment = 1,
               .source = 1,
               .start = 10,
               .end = Rational(1202, 100),
               .heard = true};
  run.timeline_start = 0;
  run.picture_start = 0;
  run.in_point = Rational(996, 100);
  run.out_point = Rational(1196, 100);
  VideoStep head;
  head.kind = StepKind::kEncode;
  head.out_start = 0;
  head.out_end = Rational(4, 10);
  head.frames = 10;
  head.reason = "the cut lies inside a GOP";
  VideoStep middle;
  middle.kind = StepKind::kCopy;
  middle.out_start = Rational(4, 10);
  middle.out_end = 2;
  middle.frames = 40;
  middle.source_bytes = 200'000;
  run.steps = {head, middle};
  return run;
}

PlanReport Report() {
  PlanReport report;
  report.output_path = "/out/film.mp4";
  report.audio_bit_rate = 192'000;
  report.constant_frame_rate = true;
  Plan& plan = report.plan;
  plan.mode = RenderMode::kHybrid;
  plan.video.shape.codec = "h264";
  plan.video.shape.width = 1920;
  plan.video.shape.height = 1080;
  plan.video.shape.pixel_format = "yuv420p";
  plan.video.shape.display_matrix = DisplayMatrix{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30};
  plan.video.time_base = Rational(1, 12800);
  plan.video.frames_copied = 40;
  plan.video.frames_encoded = 10;
  plan.audio = PlannedAudio{.mode = AudioMode::kExact,
                            .codec = "aac",
                            .sample_rate = 48000,
                            .channels = 2,
                            .channel_layout = "stereo",
                            .template_source = 1};
  plan.runs = {Run()};
  plan.duration = 2;
  plan.timeline_end = Rational(202, 100);
  plan.estimated_bytes = 300'000;
  plan.warnings = {{"END_CLAMPED", "cut back", 1}, {"CANVAS_IGNORED", "not heeded", {}}};
  RunRange requested = plan.runs[0].range;
  requested.end = Rational(1202, 100);
  report.requested = {requested};
  return report;
}

json Expected() {
  return json::parse(R"({
    "mode": "hybrid",
    "output": {"path": "/out/film.mp4", "format": "mp4", "codec": "h264", "width": 1920,
               "height": 1080, "pixelFormat": "yuv420p", "rotation": 90, "frameRate": [25, 1],
               "constantFrameRate": true, "timeBase": [1, 12800], "duration": 2.0,
               "durationTicks": 25600, "estimatedBytes": 300000, "framesCopied": 40,
               "framesEncoded": 10},
    "runs": [{
      "segments": [0, 1], "source": 1, "requested": {"start": 10.0, "end": 12.02},
      "actual": {"start": 9.96, "end": 11.96}, "timelineStart": 0.0, "offsetMs": 40.0,
      "steps": [
        {"kind": "encode", "start": 0.0, "end": 0.4, "frames": 10,
         "reason": "the cut lies inside a GOP"},
        {"kind": "copy", "start": 0.4, "end": 2.0, "frames": 40, "bytes": 200000}]}],
    "audio": {"mode": "exact", "codec": "aac", "sampleRate": 48000, "channels": 2,
              "channelLayout": "stereo", "bitRate": 192000, "duration": 2.02},
    "warnings": [{"code": "END_CLAMPED", "message": "cut back", "segment": 1},
                 {"code": "CANVAS_IGNORED", "message": "not heeded"}]})");
}

// Takes the number away after comparing it: it is the one that is not exact in binary.
void ExpectOffset(json& plan, double offset_ms) {
  EXPECT_NEAR(plan["runs"][0]["offsetMs"].get<double>(), offset_ms, 1e-9);
  plan["runs"][0].erase("offsetMs");
}

TEST(PlanToJson, HasTheFieldsOfTheDeclaration) {
  json plan = json::parse(ToJson(Report(), {}));
  json expected = Expected();
  ExpectOffset(plan, 40);
  expected["runs"][0].erase("offsetMs");
  EXPECT_EQ(plan, expected);
}

TEST(PlanToJson, CountsTheOffsetFromWhereTheConfigPutsThePictures) {
  PlanReport report = Report();
  // Asked for at 5 s on the output, begun 20 ms early with a picture 10 ms later in the source.
  report.plan.runs[0].timeline_start = 5;
  report.plan.runs[0].picture_start = Rational(498, 100);
  report.plan.runs[0].in_point = Rational(1001, 100);
  json plan = json::parse(ToJson(report, {}));
  EXPECT_DOUBLE_EQ(plan["runs"][0]["timelineStart"], 4.98);
  ExpectOffset(plan, -30);
}

TEST(PlanToJson, LeavesOutClampWarningsWhereTheEndWasNotNamed) {
  ExportOptions options;
  options.clamp_silently = true;
  EXPECT_EQ(json::parse(ToJson(Report(), options))["warnings"],
            json::parse(R"([{"code": "CANVAS_IGNORED", "message": "not heeded"}])"));
}

TEST(PlanToJson, SaysThatThereIsNoSound) {
  PlanReport report = Report();
  report.plan.audio.reset();
  EXPECT_TRUE(json::parse(ToJson(report, {}))["audio"].is_null());
}

TEST(PlanToJson, GivesNoBitRateToCopiedSound) {
  PlanReport report = Report();
  report.plan.audio->mode = AudioMode::kCopy;
  const json audio = json::parse(ToJson(report, {}))["audio"];
  EXPECT_EQ(audio["mode"], "copy");
  EXPECT_FALSE(audio.contains("bitRate"));
}

TEST(PlanToJson, KeepsAnUnevenFrameRateExact) {
  PlanReport report = Report();
  report.plan.video.time_base = Rational(1, 30000);
  report.plan.video.frames_copied = 300;
  report.plan.video.frames_encoded = 0;
  report.plan.duration = Rational(300 * 1001, 30000);
  const json output = json::parse(ToJson(report, {}))["output"];
  EXPECT_EQ(output["frameRate"], json::parse("[30000, 1001]"));
  EXPECT_EQ(output["durationTicks"], 300'300);
}

TEST(ReportToJson, AddsWhatWasDoneToThePlan) {
  ExportReport report;
  report.planned = Report();
  report.output_bytes = 301'234;
  report.verified = VerifyLevel::kFull;
  report.frames_decoded = 70;
  report.bytes_read = 400'000;
  report.audio_packets_copied = 3;
  report.audio_packets_encoded = 95;
  report.elapsed_ms = 120.5;
  json json_report = json::parse(ToJson(report, {}));
  json expected = Expected();
  ExpectOffset(json_report, 40);
  expected["runs"][0].erase("offsetMs");
  expected["output"]["bytes"] = 301'234;
  expected["audio"]["packetsCopied"] = 3;
  expected["audio"]["packetsEncoded"] = 95;
  expected.update(
      {{"verified", "full"}, {"framesDecoded", 70}, {"bytesRead", 400'000}, {"elapsedMs", 120.5}});
  EXPECT_EQ(json_report, expected);
}

TEST(ReportToJson, SaysThatThereIsNoSound) {
  ExportReport report;
  report.planned = Report();
  report.planned.plan.audio.reset();
  EXPECT_TRUE(json::parse(ToJson(report, {}))["audio"].is_null());
}

TEST(ProgressToJson, HasTheFieldsOfTheDeclaration) {
  ExportProgress progress;
  progress.phase = Phase::kRendering;
  progress.progress = 0.25;
  progress.segment = 2;
  progress.segments = 9;
  progress.time = Rational(5, 2);
  progress.duration = 10;
  progress.frames_copied = 50;
  progress.frames_encoded = 12;
  progress.bytes_written = 1'000'000;
  progress.speed = 40;
  progress.eta_seconds = 0.1875;
  EXPECT_EQ(json::parse(ToJson(progress)), json::parse(R"({
    "phase": "rendering", "progress": 0.25, "segment": 2, "segments": 9, "time": 2.5,
    "duration": 10.0, "framesCopied": 50, "framesEncoded": 12, "bytesWritten": 1000000,
    "speed": 40.0, "etaSeconds": 0.1875})"));
}

TEST(ProgressToJson, WritesNullForWhatIsNotKnown) {
  ExportProgress progress;
  const json unknown = json::parse(ToJson(progress));
  EXPECT_TRUE(unknown["speed"].is_null() && unknown["etaSeconds"].is_null());
  progress.speed = std::numeric_limits<double>::quiet_NaN();
  progress.eta_seconds = std::numeric_limits<double>::infinity();
  const json not_finite = json::parse(ToJson(progress));
  EXPECT_TRUE(not_finite["speed"].is_null() && not_finite["etaSeconds"].is_null());
}

}  // namespace
}  // namespace opencut
