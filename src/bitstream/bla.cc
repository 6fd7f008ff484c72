#include "bitstream/bla.h"

#include <cstddef>

namespace opencut {

void MakeBla(Bytes& sample, NalFraming framing, HevcNalType bla) {
  NalUnitReader reader(sample, framing);
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (!IsSlice(NalCodec::kHevc, *nal)) continue;  // Nor one cut down to half its header.
    const HevcNalType type = HevcTypeOf(*nal);
    const bool turns =
        type == HevcNalType::kCra || type == HevcNalType::kBlaWLp || type == HevcNalType::kBlaWRadl;
    if (!turns) continue;
    std::uint8_t& header = sample[static_cast<std::size_t>(nal->data() - sample.data())];
    header = static_cast<std::uint8_t>((header & 0x81) | static_cast<int>(bla) << 1);
  }
}

}  // namespace opencut
