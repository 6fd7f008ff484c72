// Whether the output is Dolby Vision.
#pragma once

#include <vector>

#include "timeline/plan.h"
#include "timeline/planner.h"

namespace opencut {

// The frames' dynamic metadata is in the packets and is lost where these are encoded anew, so the
// configuration stays in plan.video.shape only where every picture is copied from sources that all
// have it. Where it goes, adds to plan.warnings.
void PlanDolbyVision(const std::vector<PlanSource>& sources, Plan& plan);

// Whether packets of `source` go into `output` without their dynamic metadata: players that go by
// it would show the encoded pictures beside them with what was meant for others. It stays where the
// base layer is not to be looked at without.
bool LosesDolbyVision(const VideoParams& source, const VideoParams& output);

}  // namespace opencut
