// Whether encoded pictures stay two fields each.
#pragma once

#include <vector>

#include "timeline/plan.h"
#include "timeline/planner.h"

namespace opencut {

// Decides which pictures keep their fields: those to which nothing is done but encoding, by an
// encoder that codes fields. An output that is encoded anew holds either frames or fields: fields
// where each of its pictures is one of an interlaced source, all of one field order. Elsewhere two
// fields are made one frame, with a warning. REQUIRES: all else of the pictures is planned.
void PlanFields(const std::vector<PlanSource>& sources, Plan& plan);

}  // namespace opencut
