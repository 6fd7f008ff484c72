// What a stream says of the light its pictures are made for, wherever it says it.
#pragma once

#include <optional>

#include "media/codec_parameters.h"
#include "media/source_file.h"

namespace opencut {

struct StreamLight {
  std::optional<MasteringDisplay> mastering_display;
  std::optional<ContentLight> content_light;

  bool empty() const { return !mastering_display && !content_light; }
};

// From the container, the stream's header or its first picture, in this order. REQUIRES: a picture
// stream that is indexed or scanned.
StreamLight LightOf(SourceFile& source);

}  // namespace opencut
