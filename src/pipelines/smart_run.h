// The frames of one run's sound, by their place on the output's grid.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "bitstream/aac_frame.h"
#include "bitstream/aac_frame_writer.h"
#include "media/source_file.h"
#include "pipelines/sound_mix.h"

namespace opencut {

// Frame m of the output is its samples [start + 1024 m, start + 1024 (m + 1)), and frame 0 the one
// that holds sample 0.
struct FrameGrid {
  std::int64_t start = 0;  // Above -1024, at most 0.

  // The grid on which a frame begins at `sample`.
  static FrameGrid Through(std::int64_t sample);

  std::int64_t SampleOf(std::int64_t frame) const { return start + frame * kAacFrameSamples; }
  // The first frame that begins at or behind a sample, and the last that begins at or before it.
  std::int64_t AtOrBehind(std::int64_t sample) const;
  std::int64_t AtOrBefore(std::int64_t sample) const;
  std::int64_t Nearest(std::int64_t sample) const;
};

// Not thread-safe. `source` must outlive it.
class SmartRun {
 public:
  // Reads the first of the source's frames.
  SmartRun(SourceFile& source, const SoundSpan& span, int sample_rate);

  // Time stamps that lie less beside a grid are on it.
  static constexpr std::int64_t kTolerance = kAacFrameSamples / 4;

  std::int64_t length_samples() const { return length_samples_; }
  // Where the source's frames would begin on the output if they were not moved: one of them,
  // samples. Nothing: it has none.
  std::optional<std::int64_t> phase() const { return phase_; }

  // Moves the run's sound by at most half a frame, so that the source's frames fall on the grid.
  // `pure_from`, `pure_until`: the frames [from, until) that show nothing but this run.
  void PlaceOn(const FrameGrid& grid, std::int64_t pure_from, std::int64_t pure_until);

  // All that follows: once placed.
  std::int64_t pure_from() const { return pure_from_; }
  std::int64_t pure_until() const { return pure_until_; }
  // By how much the run's sound lies later than asked for; at most half a frame either way.
  Seconds shift() const { return shift_; }

  struct Held {
    std::int64_t frame = 0;
    Packet packet;
    std::optional<AacWindow> window;  // Nothing: it cannot be told.
  };
  // The source's packet that belongs at a frame's place; null where there is none. Valid until the
  // next call. Asked for in order, give or take kHeld / 2 frames.
  Held* At(std::int64_t frame);

 private:
  static constexpr std::int64_t kHeld = 8;

  void Place(Packet packet);
  std::int64_t OnOutput(const Packet& packet) const;
  std::optional<std::int64_t> UsualPhase() const;

  SourceFile& source_;
  const int sample_rate_;
  const std::int64_t length_samples_;
  std::int64_t anchor_ = 0;  // The source's sample that belongs at the output's sample 0.
  std::optional<std::int64_t> phase_;
  FrameGrid grid_;
  std::int64_t pure_from_ = 0;
  std::int64_t pure_until_ = 0;
  Seconds shift_;
  SoundCursor cursor_;
  std::vector<Packet> first_;  // Read, and not placed yet.
  std::deque<Held> held_;
};

}  // namespace opencut
