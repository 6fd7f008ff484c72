// SEI messages that say, once for a whole stream, what light its pictures stand for: mastering
// display colour volume, content light level information, alternative transfer characteristics,
// ambient viewing environment, content colour volume (H.265, D.2.28, D.2.35, D.2.38 to D.2.40).
#pragma once

#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// The payloadTypes of such messages in the NAL unit; none when it is not SEI.
std::vector<int> HdrMessageTypes(NalCodec codec, ByteView nal);

// `sample` (4-byte lengths), before its first slice with those of the SEI NAL units of `header`
// that hold a message of a type it has none of. Decoders let a message go when a new coded video
// sequence begins (H.265, D.3.28), which a stream's header does not follow.
Bytes WithHdrOfHeader(NalCodec codec, ByteView sample, const std::vector<Bytes>& header);

}  // namespace opencut
