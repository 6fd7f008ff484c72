#include "timeline/field_plan.h"

#include <algorithm>
#include <set>
#include <string>

namespace opencut {
namespace {

const PlanSource& SourceOf(const PlannedRun& run, const std::vector<PlanSource>& sources) {
  return sources[static_cast<std::size_t>(run.range.source)];
}

// x264 crops a picture of fields by four rows at a time.
bool CodesFields(const PlannedVideo& video) {
  return (video.encoder.empty() || video.encoder == "libx264") && video.shape.height % 4 == 0;
}

bool NeedsNoFilter(const VideoParams& source, const VideoParams& shape) {
  return SamePicture(source, shape) && !ShowsOtherLight(source, shape);
}

// Whether each picture of an output that is encoded anew can be one of the source. One shown twice
// would show its fields in the order 1, 2, 1, 2.
bool GivesEachPicture(const VideoParams& source, const VideoParams& shape) {
  return source.interlaced && source.field_order == shape.field_order &&
         NeedsNoFilter(source, shape) &&
         Abs(source.frame_rate - shape.frame_rate) * Rational(2000) <= shape.frame_rate;
}

bool HoldsFields(const std::vector<PlanSource>& sources, const Plan& plan) {
  if (!CodesFields(plan.video)) return false;
  if (plan.mode != RenderMode::kReencode) return plan.video.shape.interlaced;
  return plan.video.shape.field_order != FieldOrder::kProgressive &&
         std::all_of(plan.runs.begin(), plan.runs.end(), [&](const PlannedRun& run) {
           return GivesEachPicture(*SourceOf(run, sources).video, plan.video.shape);
         });
}

bool EncodesAny(const PlannedRun& run) {
  return std::any_of(run.steps.begin(), run.steps.end(),
                     [](const VideoStep& step) { return step.kind == StepKind::kEncode; });
}

}  // namespace

void PlanFields(const std::vector<PlanSource>& sources, Plan& plan) {
  VideoParams& shape = plan.video.shape;
  shape.interlaced = HoldsFields(sources, plan);
  if (!shape.interlaced) shape.field_order = FieldOrder::kProgressive;
  std::set<int> named;
  for (PlannedRun& run : plan.runs) {
    const PlanSource& source = SourceOf(run, sources);
    const VideoParams& video = *source.video;
    run.keeps_fields = shape.interlaced && video.interlaced && NeedsNoFilter(video, shape);
    const bool is_told = video.field_order != FieldOrder::kProgressive;
    if (!is_told || run.keeps_fields || !EncodesAny(run)) continue;
    if (!named.insert(run.range.source).second) continue;
    plan.warnings.push_back({"DEINTERLACED",
                             "pictures of " + source.name +
                                 " are two fields each, as those of the output that are encoded "
                                 "cannot be; they are made one frame each",
                             run.range.first_segment});
  }
}

}  // namespace opencut
