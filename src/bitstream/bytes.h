// The two byte types of this layer: a view of somebody else's bytes and bytes of one's own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace opencut {

using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

}  // namespace opencut
