// The parsed parameter sets of one H.264 stream, by id.
#pragma once

#include <map>

#include "bitstream/h264_parameter_sets.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

struct H264Sets {
  std::map<int, H264Sps> sps;
  std::map<int, H264Pps> pps;

  // Throw Error(kExec) where the stream has none with that id.
  const H264Pps& PpsOf(int pps_id) const;
  const H264Sps& SpsOf(int pps_id) const;
};

// Throws Error(kExec) when a set cannot be parsed. REQUIRES: sets.codec is kH264.
H264Sets ParseH264Sets(const ParameterSets& sets);

}  // namespace opencut
