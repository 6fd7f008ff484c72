// What the output's pictures are like, and which sources can be copied into it.
#pragma once

#include <string>
#include <vector>

#include "timeline/edit.h"
#include "timeline/planner.h"

namespace opencut {

struct OutputShape {
  int template_source = 0;  // The source the shape is taken from.
  // Its parameters. Colour that it leaves unspecified is that of the sources copied beside it.
  VideoParams params;
  // Per source: why it cannot be copied into this output; empty when it can.
  std::vector<std::string> not_copyable;
  std::vector<Warning> warnings;
};

// Elects the set of sources that can share one copied stream and covers most output pictures; of
// equal ones, the set of the first segment's source. When no source can be copied, the shape is the
// first segment's.
OutputShape ElectShape(const std::vector<RunRange>& runs, const std::vector<PlanSource>& sources);

// The shape of an output of which nothing is copied: `elected` made upright and square, in the
// canvas of `edit` or, where that is not given, as large as it is shown. Unset frame rates are
// `usual_rate`.
VideoParams EncodedShape(const VideoParams& elected, const Edit& edit, const Rational& usual_rate);

// The output's time base: the sources' if they have one in common, else one in which every
// source's frame interval is whole, else 1/90000. Never so coarse that a cut in a held picture
// could fall on the tick of the next picture.
Rational ElectTimeBase(const std::vector<RunRange>& runs, const std::vector<PlanSource>& sources);

}  // namespace opencut
