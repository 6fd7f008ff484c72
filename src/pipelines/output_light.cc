#include "pipelines/output_light.h"

#include <algorithm>
#include <optional>

namespace opencut {
namespace {

// transfer_characteristics of H.273: SMPTE ST 2084 and ARIB STD-B67.
constexpr int kPerceptualQuantizer = 16;
constexpr int kHybridLogGamma = 18;

std::optional<int> TemplateOf(const PreparedExport& prepared) {
  const Plan& plan = prepared.planned.plan;
  if (!plan.video.copied_sources.empty()) return plan.video.copied_sources.front();
  const auto alike = std::find_if(plan.runs.begin(), plan.runs.end(), [&](const PlannedRun& run) {
    return prepared.sources->at(run.range.source).video_params()->colour.transfer ==
           plan.video.shape.colour.transfer;
  });
  return alike == plan.runs.end() ? std::nullopt : std::optional(alike->range.source);
}

}  // namespace

StreamLight OutputLight(const PreparedExport& prepared) {
  const int transfer = prepared.planned.plan.video.shape.colour.transfer;
  if (transfer != kPerceptualQuantizer && transfer != kHybridLogGamma) return {};
  const std::optional<int> source = TemplateOf(prepared);
  return source ? LightOf(prepared.sources->at(*source)) : StreamLight();
}

void SetLight(const StreamLight& light, VideoEncoderOptions& encoder) {
  if (encoder.codec != "libx264" && encoder.codec != "libx265") return;
  encoder.mastering_display = light.mastering_display;
  encoder.content_light = light.content_light;
}

void SetLight(const StreamLight& light, CodecParameters& parameters) {
  if (light.mastering_display) parameters.SetMasteringDisplay(*light.mastering_display);
  if (light.content_light) parameters.SetContentLight(*light.content_light);
}

}  // namespace opencut
