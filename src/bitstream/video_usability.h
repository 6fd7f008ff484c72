// The part of vui_parameters() that H.264 (E.1.1) and HEVC (E.2.1) have in common.
#pragma once

#include <cstdint>
#include <optional>

#include "bitstream/bit_reader.h"

namespace opencut {

struct SampleAspectRatio {
  int num = 0;  // 0: unspecified, as libav has it.
  int den = 1;
  friend bool operator==(const SampleAspectRatio&, const SampleAspectRatio&) = default;
};

// Code points of ISO/IEC 23091-2, which are also the values of libav's enumerations; 2 is
// "unspecified".
struct ColourDescription {
  int primaries = 2;
  int transfer = 2;
  int matrix = 2;
  friend bool operator==(const ColourDescription&, const ColourDescription&) = default;
};

struct VideoUsability {
  SampleAspectRatio sample_aspect_ratio;
  std::optional<bool>
      full_range;  // Unset: the stream does not say, which the standard reads as limited.
  ColourDescription colour;
  std::optional<int> chroma_location;  // chroma_sample_loc_type of the top field, 0 to 5.
};

// Reads aspect_ratio_info_present_flag up to and including chroma_sample_loc_type_bottom_field.
VideoUsability ParseVideoUsability(BitReader& reader);

// num_units_in_tick and time_scale as they stand in the stream.
struct VideoTiming {
  std::uint32_t units_in_tick = 0;
  std::uint32_t time_scale = 0;
};

}  // namespace opencut
