// HEVCDecoderConfigurationRecord, the content of hvcC (ISO/IEC 14496-15, 8.3.3).
#pragma once

#include <span>

#include "bitstream/bytes.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

struct HevcConfig {
  HevcProfile profile{};
  int min_spatial_segmentation = 0;  // 0: no promise.
  int parallelism = 0;               // parallelismType; 0 is mixed or unknown.
  int chroma_format_idc = 1;
  int bit_depth_luma = 8;
  int bit_depth_chroma = 8;
  int temporal_layers = 1;
  bool temporal_id_nested = false;
  int length_size = 4;            // Bytes before each NAL unit in a sample: 1, 2 or 4.
  bool sets_are_complete = true;  // array_completeness of all of VPS, SPS and PPS: none in band.
  ParameterSets sets{};
};

// Throws Error(kExec) for a record that is truncated or of another version.
HevcConfig ParseHevcConfig(ByteView record);

// The record that holds these sets: a profile, tier and level that cover all of them, the
// compatibility and constraint flags that all of them have, 4-byte lengths, arrays complete. Throws
// Error(kExec) when a kind of set is missing or SPS disagree in chroma format, bit depth or profile
// space.
HevcConfig MakeHevcConfig(ParameterSets sets);

// One record for streams that share a sample description. Throws as MakeHevcConfig does, and when
// an id stands for two different sets. REQUIRES: at least one.
HevcConfig MergeHevcConfigs(std::span<const HevcConfig> configs);

// Throws Error(kExec) when a set or their number exceeds what the record can hold.
Bytes WriteHevcConfig(const HevcConfig& config);

}  // namespace opencut
