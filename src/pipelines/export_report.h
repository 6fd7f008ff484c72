// What an export says while it runs and when it is done, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "pipelines/export_request.h"
#include "timeline/plan.h"

namespace opencut {

// The latest state. `progress` never falls; it is 1 once, when the file has its final name.
struct ExportProgress {
  Phase phase = Phase::kPlanning;
  double progress = 0;  // 0 to 1, on the output's timeline.
  int segment = 0;      // Index of the one being written.
  int segments = 0;
  Seconds time;      // Of output written.
  Seconds duration;  // Of output in all; 0 while planning.
  std::int64_t frames_copied = 0;
  std::int64_t frames_encoded = 0;
  std::int64_t bytes_written = 0;
  std::optional<double> speed;  // Seconds of output per second of the clock.
  std::optional<double> eta_seconds;
};

// Receives progress, on threads of the job. Must be thread-safe, quick, and not throw.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void Report(const ExportProgress& progress) = 0;
};

// A plan together with what it is called: where it goes, under which options.
struct PlanReport {
  Plan plan;
  std::string output_path;           // Absolute.
  std::vector<RunRange> requested;   // Per run of the plan: what was asked for, after clamping.
  std::int64_t audio_bit_rate = 0;   // Of encoded sound.
  bool constant_frame_rate = false;  // Every picture is on screen equally long.
};

struct ExportReport {
  PlanReport planned;
  std::int64_t output_bytes = 0;
  VerifyLevel verified = VerifyLevel::kOff;
  std::int64_t frames_decoded = 0;
  std::int64_t bytes_read = 0;
  std::int64_t audio_packets_copied = 0;
  std::int64_t audio_packets_encoded = 0;
  double elapsed_ms = 0;
};

}  // namespace opencut
