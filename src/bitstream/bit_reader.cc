#include "bitstream/bit_reader.h"

#include <algorithm>
#include <bit>
#include <string>

#include "base/error.h"

namespace opencut {

std::uint32_t BitReader::ReadBits(int count) {
  if (static_cast<std::size_t>(count) > remaining()) {
    throw Error(ErrorCode::kExec, "bit stream ends too early");
  }
  std::uint32_t value = 0;
  while (count > 0) {
    const int used = static_cast<int>(position_ % 8);
    const int take = std::min(count, 8 - used);
    const std::uint32_t byte = rbsp_[position_ / 8];
    value = value << take | (byte >> (8 - used - take) & ((1u << take) - 1));
    position_ += static_cast<std::size_t>(take);
    count -= take;
  }
  return value;
}

std::uint32_t BitReader::ReadUe() {
  int leading_zeros = 0;
  while (!ReadFlag()) {
    if (++leading_zeros > 31) throw Error(ErrorCode::kExec, "Exp-Golomb code is too long");
  }
  return ((1u << leading_zeros) - 1) + ReadBits(leading_zeros);
}

std::uint32_t BitReader::ReadUeUpTo(std::uint32_t max, const char* field) {
  const std::uint32_t value = ReadUe();
  if (value > max) {
    throw Error(ErrorCode::kExec, std::string(field) + " is " + std::to_string(value) +
                                      ", more than " + std::to_string(max));
  }
  return value;
}

std::int32_t BitReader::ReadSe() {
  // 9.1.1: 0, 1, -1, 2, -2, ... The largest code number, 2^32 - 2, stands for -(2^31 - 1).
  const std::uint32_t code = ReadUe();
  const auto magnitude = static_cast<std::int32_t>(code / 2 + code % 2);
  return code % 2 == 1 ? magnitude : -magnitude;
}

void BitReader::SkipBits(std::size_t count) {
  if (count > remaining()) throw Error(ErrorCode::kExec, "bit stream ends too early");
  position_ += count;
}

std::size_t BitReader::StopBitPosition() const {
  for (std::size_t i = rbsp_.size(); i > 0; --i) {
    const std::uint8_t byte = rbsp_[i - 1];
    if (byte != 0) return i * 8 - 1 - static_cast<std::size_t>(std::countr_zero(byte));
  }
  return 0;
}

}  // namespace opencut
