// The sample descriptions of an MP4 or MOV track (ISO/IEC 14496-12, 8.5.2), of which libav tells
// only the first, and each further one only as reading comes to it.
#pragma once

#include <cstdint>
#include <vector>

#include "bitstream/bytes.h"
#include "media/byte_io.h"

namespace opencut {

// From a place in the file on, up to the next such, samples have this header.
struct HeaderChange {
  std::int64_t position_bytes = 0;
  Bytes extradata;  // avcC or hvcC, as libav hands it over.
};

// By position. Empty where the track has one description only, or its boxes cannot be read. Reads
// no more than the boxes' headers where there is one. Throws Cancelled, Error(kProbe).
std::vector<HeaderChange> ReadHeaderChanges(InputFile& file, std::uint32_t track_id);

}  // namespace opencut
