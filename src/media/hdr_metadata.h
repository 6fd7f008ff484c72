// High dynamic range metadata, from where a stream may carry it.
#pragma once

#include "bitstream/nal_unit.h"
#include "media/libav.h"
#include "media/media_info.h"

namespace opencut {

// What the container says.
HdrInfo HdrFromContainer(const AVStream& stream);

// Fills in what is unset from the SEI messages of one sample; a malformed sample adds nothing.
void AddHdrFromSample(NalCodec codec, ByteView sample, NalFraming framing, HdrInfo& hdr);

}  // namespace opencut
