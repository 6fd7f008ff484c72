// What is known of media and of libav, as JSON text.
#pragma once

#include <string>

#include "media/capabilities.h"
#include "media/media_info.h"

namespace opencut {

// The shape of `MediaInfo` in types/media.d.ts.
std::string ToJson(const MediaInfo& info);

// The shape of `Capabilities` in types/capabilities.d.ts, without `versions.package`.
std::string ToJson(const Capabilities& capabilities);

}  // namespace opencut
