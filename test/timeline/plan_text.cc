#include "test/timeline/plan_text.h"

#include <sstream>

namespace opencut {

std::string Text(const Rational& value) {
  return std::to_string(value.num()) + "/" + std::to_string(value.den());
}

std::string Text(const VideoStep& step) {
  std::ostringstream text;
  text << (step.kind == StepKind::kCopy ? "copy" : "encode") << " pts [" << step.first_pts << ", "
       << step.end_pts << ") packets [" << step.first_ordinal << ", " << step.end_ordinal << ") at "
       << Text(step.out_start) << " to " << Text(step.out_end) << ", " << step.frames << " frames, "
       << step.source_bytes << " bytes";
  if (!step.reason.empty()) text << " (" << step.reason << ")";
  return text.str();
}

std::string Text(const Plan& plan) {
  std::ostringstream text;
  text << RenderModeName(plan.mode) << " with '" << plan.video.encoder << "', "
       << plan.video.frames_copied << " copied, " << plan.video.frames_encoded << " encoded, "
       << Text(plan.duration) << " of " << Text(plan.timeline_end) << ", in "
       << Text(plan.video.time_base) << ", " << plan.estimated_bytes << " bytes\n";
  for (const PlannedRun& run : plan.runs) {
    text << "source " << run.range.source << " [" << Text(run.range.start) << ", "
         << Text(run.range.end) << ") T " << Text(run.timeline_start) << " P "
         << Text(run.picture_start) << " from " << Text(run.in_point) << " to "
         << Text(run.out_point) << " pts " << run.first_pts << "\n";
    for (const VideoStep& step : run.steps) text << "  " << Text(step) << "\n";
  }
  return text.str();
}

void PrintTo(const Rational& value, std::ostream* out) { *out << Text(value); }

}  // namespace opencut
