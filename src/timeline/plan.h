// The plan: everything an export will do, decided before anything is written. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "timeline/edit.h"
#include "timeline/gop_index.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

enum class RenderMode { kCopy, kHybrid, kReencode };
enum class AudioMode { kCopy, kSmart, kExact };

std::string_view RenderModeName(RenderMode mode);
std::string_view AudioModeName(AudioMode mode);

struct Warning {
  std::string code;     // API: "END_CLAMPED" and so on; types/plan.d.ts lists them.
  std::string message;  // For people.
  std::optional<int> segment;
};

enum class StepKind { kCopy, kEncode };

// One stretch of pictures of one source, all treated alike.
struct VideoStep {
  StepKind kind = StepKind::kEncode;
  // The pictures with first_pts <= pts < end_pts, source ticks.
  std::int64_t first_pts = 0;
  std::int64_t end_pts = 0;
  // The packets read for them, by their place in the stream: [first_ordinal, end_ordinal). The
  // first is a sync sample. Copy: all of them are copied, but for pictures shown before first_pts.
  // Encode: all of them are decoded.
  std::int64_t first_ordinal = 0;
  std::int64_t end_ordinal = 0;
  // Place on the output.
  Seconds out_start;
  Seconds out_end;
  std::int64_t frames = 0;
  std::int64_t source_bytes = 0;  // Of the packets read.
  std::int64_t first_bytes = 0;   // Of the first of them; encode only.
  std::string reason;             // Encode only: why these pictures could not be copied.
  bool is_fallback = false;       // Encode only: wherever the cuts lay, they could not.
};

// A run with its place on the output. Mode kReencode has one step per run, whose frames are the
// output's own, those whose middle lies in the run; P is T there. Mode kHybrid has no step for a
// run so short that no picture falls to it (in_point == out_point): only its sound is there.
struct PlannedRun {
  RunRange range;              // After clamping to the source.
  Seconds timeline_start;      // T: the sum of the lengths before it. The sound lies here.
  Seconds picture_start;       // P: where the pictures before it end.
  Seconds in_point;            // Source time shown at picture_start.
  Seconds out_point;           // Source time at which the run's last picture stops being shown.
  std::int64_t first_pts = 0;  // Of its first picture, source ticks; shown from picture_start on.
  // Pictures of it that are encoded stay two fields each. Else those that are, are made frames.
  bool keeps_fields = false;
  bool copyable = false;  // Its source's packets fit into the output, whether any is copied or not.
  std::vector<VideoStep> steps;

  Seconds length() const { return range.end - range.start; }
  Seconds picture_end() const { return picture_start + (out_point - in_point); }
};

// Where the picture with `pts` (source ticks) begins on the output.
Seconds OutputTime(const PlannedRun& run, std::int64_t pts, const Rational& source_time_base);

struct PlannedVideo {
  std::string encoder;  // libav's name; empty when nothing is encoded.
  VideoParams shape;    // What the output's pictures are like.
  Rational time_base;
  std::vector<int> copied_sources;  // Whose packets may be copied, first the one `shape` is of.
  std::int64_t frames_copied = 0;
  std::int64_t frames_encoded = 0;
  int reorder_depth = 0;  // Packets by which dts runs ahead.
};

struct PlannedAudio {
  AudioMode mode = AudioMode::kExact;
  std::string codec;  // libav's name of the coded form: "aac", "opus".
  int sample_rate = 0;
  int channels = 0;
  std::string channel_layout;
  int template_source = 0;  // The first heard source: rate and layout are its own.
};

struct Plan {
  RenderMode mode = RenderMode::kHybrid;
  OutputFormat format = OutputFormat::kMp4;
  PlannedVideo video;
  std::optional<PlannedAudio> audio;
  std::vector<PlannedRun> runs;
  Seconds duration;      // Of the picture.
  Seconds timeline_end;  // The sum of all lengths: where the sound ends.
  Seconds encoded;       // How much of `duration` is encoded.
  std::int64_t estimated_bytes = 0;
  std::vector<Warning> warnings;
};

}  // namespace opencut
