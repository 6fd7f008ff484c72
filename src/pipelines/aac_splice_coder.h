// Codes the few AAC frames between copied ones, with windows that fit theirs.
#pragma once

#include <array>
#include <vector>

#include "bitstream/aac_frame.h"
#include "bitstream/aac_frame_writer.h"
#include "media/mdct.h"
#include "pipelines/sound_reader.h"

namespace opencut {

// How a frame's window overlaps that of a neighbour: in both it must be the same, or what one
// folds over does not cancel against the other (4.6.11.3.2).
struct AacOverlap {
  bool is_long = true;
  AacWindowShape shape = AacWindowShape::kSine;
};

// Not thread-safe.
class AacSpliceCoder {
 public:
  // REQUIRES: CanWriteAacFrames().
  explicit AacSpliceCoder(int sample_rate);

  // The frame that holds `samples`, 2048 of each channel: its first half overlaps the frame before,
  // its second half the one behind. REQUIRES: one overlap is long at least.
  Bytes Encode(const Samples& samples, const AacOverlap& before, const AacOverlap& behind);

 private:
  using HalfWindow = std::array<float, kAacFrameSamples>;  // The half that rises.

  static HalfWindow Rising(const AacOverlap& overlap);
  const HalfWindow& RisingOf(const AacOverlap& overlap) const;

  const int sample_rate_;
  Mdct transform_;
  std::array<HalfWindow, 4> rising_;
};

}  // namespace opencut
