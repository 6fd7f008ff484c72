// The sound of all runs on the output's timeline, with crossfades at the joints.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/cancellation.h"
#include "pipelines/sound_reader.h"
#include "pipelines/source_set.h"
#include "timeline/plan.h"

namespace opencut {

// Where a run's sound lies: samples [start, end) of the output.
struct SoundSpan {
  std::int64_t start = 0;
  std::int64_t end = 0;
  int source = -1;       // -1: silence.
  Seconds source_start;  // Source time of sample `start`.
};

// Spans of a plan, end to end from sample 0 to round(timeline_end * rate).
std::vector<SoundSpan> SoundSpans(const Plan& plan, const SourceSet& sources);

// Half the length of the crossfade between spans `joint` and `joint` + 1, samples; 0 where one of
// them is not there.
std::int64_t HalfFade(const std::vector<SoundSpan>& spans, std::size_t joint, int sample_rate);

// Gives the timeline's samples in order. At a joint the two sides are crossfaded over 5 ms around
// it at equal power (the squares of the gains sum to one), each going on beyond its own end. Not
// thread-safe.
class SoundMix {
 public:
  // Begins with sample `from`. REQUIRES: from >= 0.
  SoundMix(std::vector<SoundSpan> spans, const SourceSet& sources, const SoundFormat& format,
           CancellationToken token, std::int64_t from = 0);

  // The next `count` samples; fewer at the end.
  Samples Read(std::int64_t count);

 private:
  void EnterSpan(std::size_t index, std::int64_t ahead);
  void BeginAt(std::int64_t from);
  std::int64_t HalfFadeAt(std::size_t joint) const;
  Samples ReadSpan(std::int64_t count);
  Samples Crossfaded();
  bool MixMore(std::int64_t count);

  const std::vector<SoundSpan> spans_;
  const SourceSet& sources_;
  const SoundFormat format_;
  const CancellationToken token_;
  std::size_t span_ = 0;
  std::int64_t position_ = 0;            // Of the next sample mixed.
  std::unique_ptr<SoundReader> reader_;  // Of the current span; null: silence.
  Samples mixed_;                        // Not given yet.
};

}  // namespace opencut
