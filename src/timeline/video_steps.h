// Divides the pictures of one placed run into what is copied and what is encoded.
#pragma once

#include <vector>

#include "timeline/picture_clock.h"
#include "timeline/placement.h"
#include "timeline/plan.h"

namespace opencut {

// Mode hybrid: encoded from the in point to the next picture that a copy can begin with, which
// includes those that lead it in the stream, copied up to the last clean point, and
// encoded from there to the out point; so is what the index knows to have other parameter sets than
// the header. `not_copyable` says why nothing of this source may be
// copied; empty when it may. The steps' places on the output are left unset.
std::vector<VideoStep> HybridSteps(const PlanSource& source, const PictureClock& clock,
                                   const Placement& placement, const std::string& not_copyable);

// Mode copy: one step from the last picture that a copy can begin with at or before the in point to
// the first clean point at or after the out point. Nothing: there is no such picture.
std::optional<VideoStep> CopyStep(const PlanSource& source, const PictureClock& clock,
                                  const Placement& placement);

// Mode reencode: one step that decodes every picture on screen in [range.start, range.end). Its
// number of frames is left 0: how many the output shows depends on the output's rate.
VideoStep DecodeStep(const PictureClock& clock, const RunRange& range);

}  // namespace opencut
