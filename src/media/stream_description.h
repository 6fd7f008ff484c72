// An opened container and its streams as the plain values of media_info.h.
#pragma once

#include "media/byte_io.h"
#include "media/libav.h"
#include "media/media_info.h"

namespace opencut {

// Whether the headers alone say all that DescribeMedia() tells; otherwise
// avformat_find_stream_info() has to be called before it.
bool HeadersSayAll(const AVFormatContext& context);

// HDR metadata that only the first picture carries is left out.
MediaInfo DescribeMedia(const AVFormatContext& context, const InputFile& file);

}  // namespace opencut
