#include "bitstream/video_usability.h"

#include <array>

namespace opencut {

namespace {

constexpr int kExtendedSar = 255;

// H.264 Table E-1 and HEVC Table E.1, by aspect_ratio_idc.
constexpr std::array<SampleAspectRatio, 17> kSampleAspectRatios = {{
    {0, 1},
    {1, 1},
    {12, 11},
    {10, 11},
    {16, 11},
    {40, 33},
    {24, 11},
    {20, 11},
    {32, 11},
    {80, 33},
    {18, 11},
    {15, 11},
    {64, 33},
    {160, 99},
    {4, 3},
    {3, 2},
    {2, 1},
}};

SampleAspectRatio ParseSampleAspectRatio(BitReader& reader) {
  const std::uint32_t idc = reader.ReadBits(8);
  if (idc == kExtendedSar) {
    const auto num = static_cast<int>(reader.ReadBits(16));
    const auto den = static_cast<int>(reader.ReadBits(16));
    // E.2.1: where either is 0 the ratio is unspecified.
    if (num == 0 || den == 0) return {};
    return {num, den};
  }
  return idc < kSampleAspectRatios.size() ? kSampleAspectRatios[idc] : SampleAspectRatio{};
}

}  // namespace

VideoUsability ParseVideoUsability(BitReader& reader) {
  VideoUsability usability;
  if (reader.ReadFlag()) usability.sample_aspect_ratio = ParseSampleAspectRatio(reader);
  if (reader.ReadFlag()) reader.SkipBits(1);  // overscan_appropriate_flag
  if (reader.ReadFlag()) {
    reader.SkipBits(3);  // video_format
    usability.full_range = reader.ReadFlag();
    if (reader.ReadFlag()) {
      usability.colour.primaries = static_cast<int>(reader.ReadBits(8));
      usability.colour.transfer = static_cast<int>(reader.ReadBits(8));
      usability.colour.matrix = static_cast<int>(reader.ReadBits(8));
    }
  }
  if (reader.ReadFlag()) {
    usability.chroma_location =
        static_cast<int>(reader.ReadUeUpTo(5, "chroma_sample_loc_type_top_field"));
    reader.ReadUeUpTo(5, "chroma_sample_loc_type_bottom_field");
  }
  return usability;
}

}  // namespace opencut
