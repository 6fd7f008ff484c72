#include "timeline/sound_plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace opencut {
namespace {

constexpr int kOpusSampleRate = 48'000;

class SoundPlanner {
 public:
  SoundPlanner(const Edit& edit, const std::vector<PlanSource>& sources, const PlanOptions& options,
               Plan& plan)
      : edit_(edit), sources_(sources), options_(options), plan_(plan) {}

  void Make() {
    const std::optional<int> first = FirstHeardSource();
    if (!first) return;
    const AudioParams& params = *At(*first).audio;
    PlannedAudio audio;
    audio.template_source = *first;
    audio.sample_rate = params.sample_rate;
    audio.channels = params.channels;
    audio.channel_layout = params.channel_layout;
    audio.codec = "aac";
    if (edit_.format == OutputFormat::kWebm) {
      audio.codec = "opus";
      audio.sample_rate = kOpusSampleRate;
    }
    audio.mode = ChooseMode(params);
    if (audio.mode == AudioMode::kExact) WarnOfConversions(audio);
    plan_.audio = audio;
  }

 private:
  const PlanSource& At(int source) const { return sources_[static_cast<std::size_t>(source)]; }

  void Warn(std::string code, std::string message, std::optional<int> segment) {
    plan_.warnings.push_back({std::move(code), std::move(message), segment});
  }

  std::optional<int> FirstHeardSource() {
    std::optional<int> first;
    std::set<int> silent;
    for (const PlannedRun& run : plan_.runs) {
      if (!run.range.heard) continue;
      const int source = run.range.source;
      if (At(source).audio) {
        first = first.value_or(source);
      } else if (silent.insert(source).second) {
        Warn("AUDIO_MISSING", At(source).name + " has no sound; its segments are silent",
             run.range.first_segment);
      }
    }
    return first;
  }

  AudioMode ChooseMode(const AudioParams& first) {
    const AudioMode usual = plan_.mode == RenderMode::kCopy     ? AudioMode::kCopy
                            : plan_.mode == RenderMode::kHybrid ? AudioMode::kSmart
                                                                : AudioMode::kExact;
    const AudioMode wanted = options_.audio.value_or(usual);
    if (wanted == AudioMode::kExact) return wanted;
    if (wanted == AudioMode::kCopy ? CanBeCopied(first) : CanBeSpliced(first)) return wanted;
    if (options_.audio || wanted == AudioMode::kCopy) {
      Warn("AUDIO_CONVERTED",
           "the sound cannot be copied (it is not the same AAC in every segment); it is encoded",
           std::nullopt);
    }
    return AudioMode::kExact;
  }

  bool CanBeCopied(const AudioParams& first) const {
    return edit_.format == OutputFormat::kMp4 && first.codec == "aac" &&
           std::all_of(plan_.runs.begin(), plan_.runs.end(), [&](const PlannedRun& run) {
             const std::optional<AudioParams>& params = At(run.range.source).audio;
             return run.range.heard && params && params->codec == first.codec &&
                    params->extradata == first.extradata &&
                    params->sample_rate == first.sample_rate;
           });
  }

  // Segments without sound are silent.
  bool CanBeSpliced(const AudioParams& first) const {
    return edit_.format == OutputFormat::kMp4 && first.can_be_spliced &&
           std::all_of(plan_.runs.begin(), plan_.runs.end(), [&](const PlannedRun& run) {
             const std::optional<AudioParams>& params = At(run.range.source).audio;
             return !run.range.heard || !params ||
                    (params->can_be_spliced && params->sample_rate == first.sample_rate &&
                     params->channel_layout == first.channel_layout);
           });
  }

  void WarnOfConversions(const PlannedAudio& audio) {
    std::set<int> named;
    for (const PlannedRun& run : plan_.runs) {
      const std::optional<AudioParams>& params = At(run.range.source).audio;
      if (!run.range.heard || !params) continue;
      const bool alike = params->sample_rate == audio.sample_rate &&
                         params->channels == audio.channels &&
                         params->channel_layout == audio.channel_layout;
      if (alike || !named.insert(run.range.source).second) continue;
      Warn("AUDIO_CONVERTED",
           "the sound of " + At(run.range.source).name + " is brought to " +
               std::to_string(audio.sample_rate) + " Hz, " + audio.channel_layout,
           run.range.first_segment);
    }
  }

  const Edit& edit_;
  const std::vector<PlanSource>& sources_;
  const PlanOptions& options_;
  Plan& plan_;
};

}  // namespace

void PlanSound(const Edit& edit, const std::vector<PlanSource>& sources, const PlanOptions& options,
               Plan& plan) {
  if (edit.include_audio) SoundPlanner(edit, sources, options, plan).Make();
}

}  // namespace opencut
