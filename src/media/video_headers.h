// The parameter sets of a stream as the planner knows it.
#pragma once

#include <optional>

#include "bitstream/extradata.h"
#include "bitstream/nal_unit.h"
#include "timeline/stream_params.h"

namespace opencut {

// Nothing for a codec without NAL units.
std::optional<NalCodec> NalCodecOf(const VideoParams& params);

// Nothing for such a codec, and where the extradata holds no sets or cannot be read.
std::optional<Extradata> HeadersOf(const VideoParams& params);

}  // namespace opencut
