// Compares decoded pictures of a converted stretch with those of its source.
#pragma once

#include <cstdint>
#include <vector>

#include "bitstream/extradata.h"
#include "media/packet.h"
#include "media/source_file.h"

namespace opencut {

// Whether the packets of `converted` (4-byte lengths, pts in source ticks), decoded on their own,
// show what the source shows there, to the last bit. The source is decoded from the packet at
// `decode_from` up to and without the one at `end`.
bool ShowsTheSame(SourceFile& source, const Extradata& headers, std::int64_t decode_from,
                  std::int64_t end, const std::vector<Packet>& converted);

}  // namespace opencut
