// What of a coded AAC frame decides whether another can stand beside it: the window of its
// transform (ISO/IEC 14496-3, 4.4.2.1 and 4.6.11).
#pragma once

#include <cstdint>
#include <optional>

#include "bitstream/bytes.h"

namespace opencut {

enum class AacWindowSequence : std::uint8_t { kOnlyLong, kLongStart, kEightShort, kLongStop };
enum class AacWindowShape : std::uint8_t { kSine, kKaiserBessel };

struct AacWindow {
  AacWindowSequence sequence = AacWindowSequence::kOnlyLong;
  // Of the half that overlaps the next frame. That before has the shape of the frame before.
  AacWindowShape shape = AacWindowShape::kSine;

  // Whether the half that overlaps the frame before, and that which overlaps the next, are long.
  bool BeginsLong() const {
    return sequence == AacWindowSequence::kOnlyLong || sequence == AacWindowSequence::kLongStart;
  }
  bool EndsLong() const {
    return sequence == AacWindowSequence::kOnlyLong || sequence == AacWindowSequence::kLongStop;
  }
};

// The window of a raw_data_block() of one or two channels. Nothing where the two channels have
// windows of their own, or something else than such a block is there.
std::optional<AacWindow> ReadAacWindow(ByteView frame);

}  // namespace opencut
