// Reads the descriptors of H.264 clause 7.2 and 9.1 (u(n), ue(v), se(v)) from an RBSP, that is,
// from bytes without emulation prevention.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bitstream/bytes.h"

namespace opencut {

// Views the bytes; they must outlive it. Every Read and Skip throws Error(kExec) rather than go
// past the end. Copying it marks a place to come back to.
class BitReader {
 public:
  explicit BitReader(ByteView rbsp) : rbsp_(rbsp) {}

  // u(count), most significant bit first. REQUIRES: 0 <= count <= 32.
  std::uint32_t ReadBits(int count);
  bool ReadFlag() { return ReadBits(1) != 0; }
  // ue(v). Throws Error(kExec) for a code of more than 31 leading zeros.
  std::uint32_t ReadUe();
  // ue(v) that must not exceed `max`; throws Error(kExec) naming `field` when it does.
  std::uint32_t ReadUeUpTo(std::uint32_t max, const char* field);
  // se(v).
  std::int32_t ReadSe();
  void SkipBits(std::size_t count);

  // Bits read so far, and bits left, rbsp_trailing_bits() included.
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return rbsp_.size() * 8 - position_; }
  // more_rbsp_data() of clause 7.2: whether anything precedes the stop bit.
  bool HasMoreRbspData() const { return position_ < StopBitPosition(); }
  // Where the stop bit lies: the last bit that is 1. 0 where every bit is 0.
  std::size_t StopBitPosition() const;

 private:
  ByteView rbsp_;
  std::size_t position_ = 0;
};

}  // namespace opencut
