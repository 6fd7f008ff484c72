#include "timeline/dolby_vision_plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace opencut {
namespace {

std::set<int> ShownSources(const Plan& plan) {
  std::set<int> shown;
  for (const PlannedRun& run : plan.runs) {
    if (!run.steps.empty()) shown.insert(run.range.source);
  }
  return shown;
}

std::string WarningText(const PlanSource& source, bool encodes) {
  const DolbyVision& dolby_vision = *source.video->dolby_vision;
  std::string text = "the output is not Dolby Vision, though " + source.name + " is (profile " +
                     std::to_string(dolby_vision.profile) + "): ";
  text += encodes ? "some of the pictures are encoded anew, and lose its metadata"
                  : "the sources are not all of one configuration";
  if (dolby_vision.base_layer_compatibility_id == 0) {
    text += "; without it, pictures of this profile have wrong colours";
  }
  return text;
}

}  // namespace

void PlanDolbyVision(const std::vector<PlanSource>& sources, Plan& plan) {
  const std::set<int> shown = ShownSources(plan);
  const auto at = [&](int source) -> const PlanSource& {
    return sources[static_cast<std::size_t>(source)];
  };
  const auto first = std::find_if(shown.begin(), shown.end(), [&](int source) {
    return at(source).video->dolby_vision.has_value();
  });
  std::optional<DolbyVision>& output = plan.video.shape.dolby_vision;
  output.reset();
  if (first == shown.end()) return;
  const std::optional<DolbyVision>& wanted = at(*first).video->dolby_vision;
  const bool encodes = plan.video.frames_encoded > 0;
  const bool alike = std::all_of(shown.begin(), shown.end(), [&](int source) {
    return at(source).video->dolby_vision == wanted;
  });
  if (!encodes && alike) {
    output = wanted;
    return;
  }
  plan.warnings.push_back({"DOLBY_VISION_DROPPED", WarningText(at(*first), encodes), std::nullopt});
}

bool LosesDolbyVision(const VideoParams& source, const VideoParams& output) {
  return source.dolby_vision && source.dolby_vision->base_layer_compatibility_id != 0 &&
         !output.dolby_vision;
}

}  // namespace opencut
