// What a container and a stream's own headers say of it, as the planner's values.
#pragma once

#include <string>

#include "media/demuxer.h"
#include "timeline/stream_params.h"

namespace opencut {

VideoParams DescribeVideo(const DemuxedStream& stream);
AudioParams DescribeAudio(const DemuxedStream& stream);

// Why packets of such a stream can never be copied into an output; empty when they can.
std::string WhyNeverCopied(const VideoParams& params);

}  // namespace opencut
