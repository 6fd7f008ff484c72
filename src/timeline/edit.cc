#include "timeline/edit.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"

namespace opencut {
namespace {

bool Continues(const RunRange& run, const Segment& segment) {
  static const Seconds kTolerance(1, 1000);
  return run.source == segment.source && run.heard == segment.heard &&
         Abs(run.end - segment.start) <= kTolerance && segment.end > run.start;
}

}  // namespace

std::vector<RunRange> JoinRuns(const std::vector<Segment>& segments) {
  std::vector<RunRange> runs;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    const int index = static_cast<int>(i);
    if (segment.end <= segment.start) {
      throw Error(ErrorCode::kOutOfRange,
                  "segment " + std::to_string(i) + " is empty: it ends at or before its start",
                  {.source = segment.source, .segment = index});
    }
    if (!runs.empty() && Continues(runs.back(), segment)) {
      runs.back().end = segment.end;
      runs.back().last_segment = index;
    } else {
      runs.push_back({index, index, segment.source, segment.start, segment.end, segment.heard});
    }
  }
  return runs;
}

Rational FrameRateFromDouble(double fps) {
  constexpr double kSlowest = 1e-3;
  constexpr double kFastest = 1e6;
  fps = std::clamp(fps, kSlowest, kFastest);
  const double nearest_whole = std::round(fps);
  if (nearest_whole >= 1 && std::abs(fps - nearest_whole) < 1e-6) {
    return static_cast<std::int64_t>(nearest_whole);
  }
  // 23.976, 29.97, 59.94 and their longer spellings are the NTSC rates N * 1000 / 1001.
  const double ntsc = std::round(fps * 1.001);
  if (ntsc >= 1 && std::abs(fps - ntsc / 1.001) < 0.002) {
    return Rational(std::llround(ntsc) * 1000, 1001);
  }
  return Rational(std::llround(fps * 1000), 1000);
}

}  // namespace opencut
