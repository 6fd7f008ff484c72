// What a container and a stream's own headers say of it, as the planner's values.
#pragma once

#include <string>

#include "bitstream/bytes.h"
#include "media/demuxer.h"
#include "timeline/stream_params.h"

namespace opencut {

VideoParams DescribeVideo(const DemuxedStream& stream);
// Whether the stream's packets may say more of its HDR metadata than DescribeVideo() knows.
bool MayHoldHdr(const VideoParams& params);
// What `first`, the stream's first packet or its beginning, and the stream's headers say; what they
// leave open, the container.
HdrMetadata DescribeHdr(const DemuxedStream& stream, const VideoParams& params, ByteView first);
AudioParams DescribeAudio(const DemuxedStream& stream);

// Why packets of such a stream can never be copied into an output; empty when they can.
std::string WhyNeverCopied(const VideoParams& params);

}  // namespace opencut
