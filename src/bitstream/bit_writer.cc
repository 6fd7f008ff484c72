#include "bitstream/bit_writer.h"

#include <algorithm>
#include <bit>

namespace opencut {

void BitWriter::WriteBits(std::uint32_t value, int count) {
  while (count > 0) {
    const int used = static_cast<int>(position_ % 8);
    if (used == 0) bytes_.push_back(0);
    const int take = std::min(count, 8 - used);
    const std::uint32_t part = value >> (count - take) & ((1u << take) - 1);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | part << (8 - used - take));
    position_ += static_cast<std::size_t>(take);
    count -= take;
  }
}

void BitWriter::WriteUe(std::uint32_t value) {
  const int digits = std::bit_width(value + 1);
  WriteBits(0, digits - 1);
  WriteBits(value + 1, digits);
}

void BitWriter::WriteSe(std::int32_t value) {
  WriteUe(value > 0 ? static_cast<std::uint32_t>(value) * 2 - 1
                    : static_cast<std::uint32_t>(-value) * 2);
}

void BitWriter::CopyBits(BitReader& source, std::size_t count) {
  for (; count >= 32; count -= 32) WriteBits(source.ReadBits(32), 32);
  WriteBits(source.ReadBits(static_cast<int>(count)), static_cast<int>(count));
}

void BitWriter::WriteTrailingBits() {
  WriteFlag(true);
  position_ = bytes_.size() * 8;
}

int UeLength(std::uint32_t value) { return 2 * std::bit_width(value + 1) - 1; }

}  // namespace opencut
