// The timeline rule for pictures (ARCHITECTURE.md, "The timeline rule"): which pictures of its
// source a run shows, and from when to when.
#pragma once

#include <cstdint>
#include <optional>

#include "timeline/edit.h"
#include "timeline/picture_clock.h"

namespace opencut {

struct Placement {
  Seconds in_point;            // Source time at which the run's first picture begins to be shown.
  Seconds out_point;           // Source time at which its last picture stops being shown.
  std::int64_t first_pts = 0;  // The pictures with first_pts <= pts < end_pts, source ticks.
  std::int64_t end_pts = 0;
};

// Places the pictures of a run whose asked-for place on the output is T and whose pictures begin at
// P; `lead` is P - T. Nothing: the run is shorter than a frame, and no picture falls to it.
// REQUIRES: the range lies in the source.
std::optional<Placement> PlaceRun(const RunRange& range, const Seconds& lead,
                                  const PictureClock& clock, const Seconds& frame_interval);

}  // namespace opencut
