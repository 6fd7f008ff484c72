// The frames of one run's sound, by their place on the output's grid.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "bitstream/aac_frame.h"
#include "media/source_file.h"
#include "pipelines/sound_mix.h"

namespace opencut {

// Not thread-safe. `source` must outlive it.
class SmartRun {
 public:
  // `pure_from`, `pure_until`: the frames [from, until) that show nothing but this run.
  SmartRun(SourceFile& source, const SoundSpan& span, int sample_rate, std::int64_t pure_from,
           std::int64_t pure_until);

  std::int64_t pure_from() const { return pure_from_; }
  std::int64_t pure_until() const { return pure_until_; }
  // By how much the run's sound lies later on the grid than asked for; at most half a frame either
  // way. 0 where the source has none there.
  Seconds shift() const { return shift_; }

  // The source's packet that belongs at a frame's place; null where there is none. Frames must be
  // asked for in order, but for the `kHeld` last ones and those ahead.
  struct Held {
    std::int64_t frame = 0;
    Packet packet;
    std::optional<AacWindow> window;  // Nothing: it cannot be told.
  };
  static constexpr std::int64_t kHeld = 8;
  Held* At(std::int64_t frame);

 private:
  void Place(Packet packet);
  std::int64_t SamplesOf(std::int64_t pts) const;

  SourceFile& source_;
  const int sample_rate_;
  const std::int64_t pure_from_;
  const std::int64_t pure_until_;
  Seconds shift_;
  std::int64_t anchor_ = 0;  // The source sample that frame 0 of the grid begins with.
  SoundCursor cursor_;
  std::deque<Held> held_;
};

}  // namespace opencut
