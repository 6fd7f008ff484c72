#include "bitstream/nal_start.h"

#include <cstdint>
#include <optional>

namespace opencut {
namespace {

// Appends bytes with emulation prevention (7.4.1), knowing those before.
class EscapingAppender {
 public:
  explicit EscapingAppender(Bytes& out) : out_(out) {}

  void Append(std::uint8_t byte) {
    if (zeros_ == 2 && byte <= 3) {
      out_.push_back(3);
      zeros_ = 0;
    }
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    out_.push_back(byte);
  }

 private:
  Bytes& out_;
  int zeros_ = 0;  // Zero bytes in a row before the next byte.
};

// Walks a NAL unit byte by byte, passing over emulation_prevention_three_bytes.
class UnescapingCursor {
 public:
  explicit UnescapingCursor(ByteView nal) : nal_(nal) {}

  std::optional<std::uint8_t> Next() {
    if (zeros_ >= 2 && at_ < nal_.size() && nal_[at_] == 3) {
      zeros_ = 0;
      ++at_;
    }
    if (at_ == nal_.size()) return std::nullopt;
    const std::uint8_t byte = nal_[at_++];
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    return byte;
  }
  ByteView Rest() const { return nal_.subspan(at_); }

 private:
  ByteView nal_;
  std::size_t at_ = 0;
  int zeros_ = 0;
};

}  // namespace

// Emulation prevention of what follows may differ near the start only. Whether a byte gets a 03
// before it depends on that byte and on the number of zero bytes before it since the last 03 or
// non-zero byte, so on nothing that lies before a non-zero byte. After the first non-zero byte that
// old and new have in common both escape alike, and the rest of the old NAL unit is, as it stands,
// the rest of the new one.
void AppendWithNewStart(ByteView nal, std::size_t replaced_bytes, ByteView start, Bytes& out) {
  EscapingAppender appender(out);
  for (const std::uint8_t byte : start) appender.Append(byte);
  UnescapingCursor cursor(nal);
  for (std::size_t i = 0; i < replaced_bytes; ++i) cursor.Next();
  while (const std::optional<std::uint8_t> byte = cursor.Next()) {
    appender.Append(*byte);
    if (*byte != 0) break;
  }
  const ByteView rest = cursor.Rest();
  out.insert(out.end(), rest.begin(), rest.end());
}

}  // namespace opencut
