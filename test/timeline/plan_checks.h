// What holds of every plan, counted from the streams themselves by other means than the planner's.
// The functions add failures to the running test.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "test/timeline/synthetic_source.h"
#include "timeline/plan.h"

namespace opencut {

// One per source.
using Streams = std::vector<SyntheticStream>;

// A stretch of packets that a copy may take, and the pictures it shows.
struct CopyRange {
  std::int64_t first_ordinal = 0;
  std::int64_t end_ordinal = 0;
  std::int64_t first_pts = 0;
  std::int64_t end_pts = 0;
};

// The longest copy of pictures in [first_pts, end_pts): it begins at the first picture that one can
// begin with and ends where no picture before its last one is missing.
std::optional<CopyRange> LongestCopy(const SyntheticStream& stream, std::int64_t first_pts,
                                     std::int64_t end_pts);

// The shown pictures with first_pts <= pts < end_pts.
std::vector<std::int64_t> PicturesIn(const SyntheticStream& stream, std::int64_t first_pts,
                                     std::int64_t end_pts);

// Runs follow each other without gap on the timeline and in the picture, and steps in their run; a
// step's figures are those of its pictures and packets.
void ExpectNoGaps(const Plan& plan, const Streams& streams);

// What is copied decodes by itself and shows the step's pictures, no others; what is encoded can be
// decoded from the packets that are read for it.
void ExpectPlayable(const Plan& plan, const Streams& streams);

// No picture is encoded that could have been copied.
void ExpectLeastEncoded(const Plan& plan, const Streams& streams);

// In the output's time base no two pictures fall on one tick, and every packet finds a dts that
// rises and is not above its pts.
void ExpectStampable(const Plan& plan, const Streams& streams);

// Every picture of the output is where the timeline rule puts it.
void ExpectRuleKept(const Plan& plan, const Streams& streams);

}  // namespace opencut
