// AVCDecoderConfigurationRecord, the content of avcC (ISO/IEC 14496-15, 5.3.3).
#pragma once

#include <cstdint>
#include <span>

#include "bitstream/bytes.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

struct AvcConfig {
  int profile_idc = 0;
  std::uint8_t constraint_flags = 0;
  int level_idc = 0;
  int length_size = 4;  // Bytes before each NAL unit in a sample: 1, 2 or 4.
  ParameterSets sets{};
};

// Throws Error(kExec) for a record that is truncated or of another version.
AvcConfig ParseAvcConfig(ByteView record);

// The record that holds these sets: the highest profile and level among them, the constraint flags
// that all of them have, 4-byte lengths. Throws Error(kExec) when there is no SPS or they disagree
// in chroma format or bit depth.
AvcConfig MakeAvcConfig(ParameterSets sets);

// One record for streams that share a sample description. Throws as MakeAvcConfig does, and when an
// id stands for two different sets. REQUIRES: at least one.
AvcConfig MergeAvcConfigs(std::span<const AvcConfig> configs);

// Throws Error(kExec) when a set or their number exceeds what the record can hold.
Bytes WriteAvcConfig(const AvcConfig& config);

}  // namespace opencut
