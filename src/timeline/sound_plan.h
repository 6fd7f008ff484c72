// Which form the output's sound takes.
#pragma once

#include <vector>

#include "timeline/edit.h"
#include "timeline/plan.h"
#include "timeline/planner.h"

namespace opencut {

// Sets plan.audio where sound is asked for and any is heard in plan.runs, and adds to
// plan.warnings.
void PlanSound(const Edit& edit, const std::vector<PlanSource>& sources, const PlanOptions& options,
               Plan& plan);

}  // namespace opencut
