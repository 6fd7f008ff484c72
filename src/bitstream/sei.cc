#include "bitstream/sei.h"

#include <algorithm>
#include <array>

#include "bitstream/bit_reader.h"

namespace opencut {

namespace {

// uuid_iso_iec_11578 of the messages in which the encoders put their version and options.
constexpr std::array<std::uint8_t, 16> kX264Uuid = {0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7,
                                                    0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef};
constexpr std::array<std::uint8_t, 16> kX265Uuid = {0x2c, 0xa2, 0xde, 0x09, 0xb5, 0x17, 0x47, 0xdb,
                                                    0xbb, 0x55, 0xa4, 0xfe, 0x7f, 0xc2, 0xfc, 0x4e};

// payloadType and payloadSize: bytes of 255 that add up, and a last one that is less.
std::optional<std::size_t> ReadSum(ByteView raw, std::size_t& at) {
  std::size_t sum = 0;
  while (at < raw.size()) {
    const std::uint8_t byte = raw[at++];
    sum += byte;
    if (byte != 255) return sum;
  }
  return std::nullopt;
}

void WriteSum(std::size_t sum, Bytes& raw) {
  for (; sum >= 255; sum -= 255) raw.push_back(255);
  raw.push_back(static_cast<std::uint8_t>(sum));
}

}  // namespace

std::vector<SeiMessage> ParseSei(NalCodec codec, ByteView nal) {
  Bytes raw = StripEmulationPrevention(nal);
  // The RBSP ends in a byte 0x80: messages are whole bytes.
  while (!raw.empty() && raw.back() == 0) raw.pop_back();
  if (!raw.empty() && raw.back() == 0x80) raw.pop_back();

  std::vector<SeiMessage> messages;
  std::size_t at = NalHeaderSize(codec);
  while (at < raw.size()) {
    const std::optional<std::size_t> type = ReadSum(raw, at);
    const std::optional<std::size_t> size = ReadSum(raw, at);
    if (!type || !size || *size > raw.size() - at) break;
    const auto begin = raw.begin() + static_cast<std::ptrdiff_t>(at);
    messages.push_back({.type = static_cast<int>(*type),
                        .payload = Bytes(begin, begin + static_cast<std::ptrdiff_t>(*size))});
    at += *size;
  }
  return messages;
}

Bytes WriteSei(NalCodec codec, ByteView header, const std::vector<SeiMessage>& messages) {
  const ByteView head = header.first(std::min(header.size(), NalHeaderSize(codec)));
  Bytes raw(head.begin(), head.end());
  for (const SeiMessage& message : messages) {
    WriteSum(static_cast<std::size_t>(message.type), raw);
    WriteSum(message.payload.size(), raw);
    raw.insert(raw.end(), message.payload.begin(), message.payload.end());
  }
  raw.push_back(0x80);
  return InsertEmulationPrevention(raw);
}

bool IsEncoderOptions(const SeiMessage& message) {
  const auto starts_with = [&](const std::array<std::uint8_t, 16>& uuid) {
    return message.payload.size() >= uuid.size() &&
           std::equal(uuid.begin(), uuid.end(), message.payload.begin());
  };
  return message.type == kSeiUserDataUnregistered &&
         (starts_with(kX264Uuid) || starts_with(kX265Uuid));
}

RecoveryPoint ParseRecoveryPoint(const SeiMessage& message) {
  BitReader reader(message.payload);
  RecoveryPoint point;
  // At most MaxFrameNum - 1, and MaxFrameNum is at most 2^16.
  point.recovery_frame_count = static_cast<int>(reader.ReadUeUpTo(65535, "recovery_frame_cnt"));
  point.exact_match = reader.ReadFlag();
  point.broken_link = reader.ReadFlag();
  return point;
}

}  // namespace opencut
