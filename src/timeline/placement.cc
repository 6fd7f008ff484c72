#include "timeline/placement.h"

#include <algorithm>

namespace opencut {
namespace {

// How far a boundary may lie from the asked-for time and still be taken for it: half a nominal
// frame, and 1 ms for containers that count in milliseconds. What is shown no longer than that
// without being a whole picture is not shown at all.
Seconds Reach(const Seconds& frame_interval) {
  return frame_interval / Rational(2) + Seconds(1, 1000);
}

// The run is as long as a frame, but those before it reach so far into its place that no picture
// would fall to it: one does all the same, for no longer than the run lasts.
Placement OnePicture(Placement placement, const Boundary& first, const Seconds& length,
                     const PictureClock& clock) {
  if (placement.in_point < first.time) {
    // A late first picture, on screen before its time.
    placement.out_point = placement.in_point + length;
    placement.end_pts = first.pts + 1;
    return placement;
  }
  const Boundary next = clock.After(first);
  placement.in_point = std::min(placement.in_point, std::max(first.time, next.time - length));
  placement.out_point = std::min(next.time, placement.in_point + length);
  placement.end_pts = next.pts;
  return placement;
}

}  // namespace

std::optional<Placement> PlaceRun(const RunRange& range, const Seconds& lead,
                                  const PictureClock& clock, const Seconds& frame_interval) {
  const Seconds reach = Reach(frame_interval);
  const Seconds length = range.end - range.start;
  Placement placement;

  const Seconds wanted_in = range.start + lead;
  Boundary first = clock.Nearest(wanted_in);
  const bool begins_whole = !first.is_end && Abs(first.time - wanted_in) <= reach;
  if (!begins_whole) first = clock.OnScreen(wanted_in);
  placement.in_point = begins_whole ? first.time : wanted_in;
  placement.first_pts = first.pts;

  const Seconds wanted_out = placement.in_point + length - lead;
  Boundary end = clock.Nearest(wanted_out);
  const bool ends_whole = end.pts > first.pts && Abs(end.time - wanted_out) <= reach;
  placement.out_point = ends_whole ? end.time : wanted_out;
  const bool whole = begins_whole && ends_whole;
  if (!whole && placement.out_point - placement.in_point <= reach) {
    if (length < frame_interval) return std::nullopt;
    return OnePicture(placement, first, length, clock);
  }
  if (!ends_whole) end = clock.AtOrAfter(wanted_out);
  // A late first picture can be asked for wholly before its time.
  placement.end_pts = std::max(end.pts, first.pts + 1);
  return placement;
}

}  // namespace opencut
