// Writes the descriptors of H.264 clause 7.2 and 9.1 (u(n), ue(v), se(v)) into an RBSP.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bitstream/bit_reader.h"
#include "bitstream/bytes.h"

namespace opencut {

class BitWriter {
 public:
  // u(count), most significant bit first. REQUIRES: 0 <= count <= 32 and value < 2^count.
  void WriteBits(std::uint32_t value, int count);
  void WriteFlag(bool value) { WriteBits(value ? 1 : 0, 1); }
  // ue(v). REQUIRES: value < 2^32 - 1.
  void WriteUe(std::uint32_t value);
  // se(v). REQUIRES: value > -2^31.
  void WriteSe(std::int32_t value);
  // Moves `count` bits over from `source`; throws Error(kExec) where it holds fewer.
  void CopyBits(BitReader& source, std::size_t count);
  // rbsp_trailing_bits(): a one, then zeros up to a byte boundary.
  void WriteTrailingBits();

  // Bits written so far.
  std::size_t position() const { return position_; }
  // What was written, the last byte filled up with zeros.
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

// Length in bits of the ue(v) code of `value`. REQUIRES: value < 2^32 - 1.
int UeLength(std::uint32_t value);

}  // namespace opencut
