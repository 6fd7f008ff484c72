// Replaces the first bytes of a NAL unit without touching what follows.
#pragma once

#include <cstddef>

#include "bitstream/bytes.h"

namespace opencut {

// Appends `nal` to `out`, `start` in place of its first `replaced_bytes` bytes. Both are counted
// and given without emulation prevention, which is done anew for them. The cost is that of one
// memcpy. REQUIRES: the NAL unit has that many bytes.
void AppendWithNewStart(ByteView nal, std::size_t replaced_bytes, ByteView start, Bytes& out);

}  // namespace opencut
