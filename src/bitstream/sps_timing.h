// Takes the frame rate out of sequence parameter sets. In an output made of several streams the
// sets would contradict each other and the container, which alone knows when pictures are shown.
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

// The SPS without num_units_in_tick, time_scale and fixed_frame_rate_flag of its VUI (E.1.1), which
// no decoding depends on; HRD parameters and pic_struct_present_flag, which SEI messages are parsed
// by, stay. H.264 only. Throws Error(kExec) when it cannot be parsed.
Bytes WithoutTiming(ByteView sps);

// The sets with that done to every SPS. REQUIRES: H.264.
ParameterSets WithoutTiming(ParameterSets sets);

}  // namespace opencut
