// High dynamic range metadata, from where a stream may carry it.
#pragma once

#include "bitstream/nal_unit.h"
#include "media/libav.h"
#include "media/media_info.h"

namespace opencut {

// What the container says.
HdrInfo HdrFromContainer(const AVStream& stream);

// Fills in what is unset from one SEI NAL unit. A malformed message adds nothing.
void AddHdrFromSei(NalCodec codec, ByteView nal, HdrInfo& hdr);

// The same from all SEI NAL units of a sample.
void AddHdrFromSample(NalCodec codec, ByteView sample, NalFraming framing, HdrInfo& hdr);

}  // namespace opencut
