#include "bitstream/aac_frame.h"

#include "base/error.h"
#include "bitstream/bit_reader.h"

namespace opencut {
namespace {

// id_syn_ele, Table 4.85.
enum class Element : std::uint32_t { kSingleChannel = 0, kChannelPair = 1, kData = 4, kFill = 6 };

// data_stream_element(), Table 4.10.
void SkipData(BitReader& reader) {
  reader.SkipBits(4);
  const bool aligned = reader.ReadFlag();
  std::size_t count = reader.ReadBits(8);
  if (count == 255) count += reader.ReadBits(8);
  if (aligned) reader.SkipBits((8 - reader.position() % 8) % 8);
  reader.SkipBits(count * 8);
}

// fill_element(), Table 4.11.
void SkipFill(BitReader& reader) {
  std::size_t count = reader.ReadBits(4);
  if (count == 15) count += reader.ReadBits(8) - std::size_t{1};
  reader.SkipBits(count * 8);
}

// The start of ics_info(), Table 4.6.
std::optional<AacWindow> ReadInfo(BitReader& reader) {
  if (reader.ReadFlag()) return std::nullopt;  // ics_reserved_bit
  AacWindow window;
  window.sequence = static_cast<AacWindowSequence>(reader.ReadBits(2));
  window.shape = static_cast<AacWindowShape>(reader.ReadBits(1));
  return window;
}

std::optional<AacWindow> ReadFirstChannels(BitReader& reader) {
  while (true) {
    switch (static_cast<Element>(reader.ReadBits(3))) {
      case Element::kData:
        SkipData(reader);
        break;
      case Element::kFill:
        SkipFill(reader);
        break;
      case Element::kSingleChannel:
        reader.SkipBits(4 + 8);  // element_instance_tag, global_gain
        return ReadInfo(reader);
      case Element::kChannelPair:
        reader.SkipBits(4);
        if (!reader.ReadFlag()) return std::nullopt;  // common_window
        return ReadInfo(reader);
      default:
        return std::nullopt;
    }
  }
}

}  // namespace

std::optional<AacWindow> ReadAacWindow(ByteView frame) {
  try {
    BitReader reader(frame);
    return ReadFirstChannels(reader);
  } catch (const Error&) {
    return std::nullopt;  // Cut short.
  }
}

}  // namespace opencut
