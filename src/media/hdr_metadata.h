// High dynamic range metadata, from where a stream may carry it.
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"
#include "media/libav.h"
#include "media/media_info.h"
#include "timeline/stream_params.h"

namespace opencut {

// What the container says.
HdrInfo HdrFromContainer(const AVStream& stream);

// Fills in what is unset from one SEI NAL unit. A malformed message adds nothing.
void AddHdrFromSei(NalCodec codec, ByteView nal, HdrMetadata& hdr);

// The same from all SEI NAL units of a sample, or of its start.
void AddHdrFromSample(NalCodec codec, ByteView sample, NalFraming framing, SampleExtent extent,
                      HdrMetadata& hdr);

// Fills in what is unset with what the coded stream says.
void AddCodedHdr(const HdrMetadata& coded, HdrInfo& hdr);

}  // namespace opencut
