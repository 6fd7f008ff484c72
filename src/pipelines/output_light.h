// What the output's headers and encoded pictures say of light.
#pragma once

#include "media/encoder.h"
#include "media/stream_light.h"
#include "pipelines/export_planning.h"

namespace opencut {

// Of the source whose packets are copied, or of the first that has the output's colours; nothing
// where those are not of high dynamic range.
StreamLight OutputLight(const PreparedExport& prepared);

void SetLight(const StreamLight& light, VideoEncoderOptions& encoder);
void SetLight(const StreamLight& light, CodecParameters& parameters);

}  // namespace opencut
