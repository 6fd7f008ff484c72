// Decides what an export does. Pure: the same request and the same knowledge of the sources give
// the same plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "timeline/edit.h"
#include "timeline/gop_index.h"
#include "timeline/plan.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

// What the planner knows of one source.
struct PlanSource {
  std::string name;  // For messages.
  std::optional<VideoParams> video;
  std::optional<AudioParams> audio;
  Rational video_time_base = 1;
  Seconds frame_interval;        // Average time between pictures; above 0.
  std::string not_copyable;      // Why its packets can never be copied; empty when they can.
  std::string open_gop_refusal;  // Why an open GOP that lay in the way cannot be entered.
  std::int64_t bit_rate = 0;     // Video, bits per second; 0 when unknown.
  // Around every in point of the runs, and every out point or the stream's end where that comes
  // first: all pictures up to PlanMargin() to either side, the one on screen there and the one
  // behind. For mode hybrid also the first picture behind an in point that a copy can begin with,
  // and those that lead it, unless it lies behind the run; for mode copy the last one at or before
  // it, and the first clean point behind an out point with the picture that follows there. Asking
  // for more than it knows is a programming error (std::logic_error).
  GopIndex index;
};

enum class Fallback { kReencode, kFail };

struct PlanOptions {
  std::optional<RenderMode> mode;  // Unset: by the output's codec.
  // Unset: kCopy in mode kCopy and kSmart in mode kHybrid, where the streams allow it.
  std::optional<AudioMode> audio;
  Fallback fallback = Fallback::kReencode;
  std::optional<double> max_encoded_seconds;
  std::optional<std::int64_t> video_bit_rate;  // For the size estimate of encoded pictures.
  std::int64_t audio_bit_rate = 192'000;       // Bits per second.
  // Whether pictures can be brought from HDR to SDR, from one gamut to another, and so on.
  bool can_convert_light = true;
};

RenderMode ChooseMode(const Edit& edit, const PlanOptions& options);

// How far beside an asked-for time the index must reach: the picture can lie that far from it.
Seconds PlanMargin(const std::vector<PlanSource>& sources);

// Throws Error: kOutOfRange for a run outside its source, kPlanUnsupported where what is asked
// cannot be done or an option forbids it. REQUIRES: every segment's source is in `sources`.
Plan MakePlan(const Edit& edit, const std::vector<PlanSource>& sources, const PlanOptions& options);

}  // namespace opencut
