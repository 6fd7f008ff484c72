#include "bitstream/nal_unit.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "bitstream/sei.h"

namespace opencut {

namespace {

constexpr std::size_t kLengthBytes = 4;

// Where the next start code prefix 00 00 01 begins, or the end. memchr() for the 01 is what makes
// this run at memory speed: it is rare in coded data.
std::size_t FindStartCode(ByteView bytes) {
  for (std::size_t i = 2; i < bytes.size(); ++i) {
    const void* one = std::memchr(bytes.data() + i, 1, bytes.size() - i);
    if (one == nullptr) break;
    i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - bytes.data());
    if (bytes[i - 1] == 0 && bytes[i - 2] == 0) return i - 2;
  }
  return bytes.size();
}

bool IsAllZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool HoldsOnlyEncoderOptions(NalCodec codec, ByteView nal) {
  const std::vector<SeiMessage> messages = ParseSei(codec, nal);
  return !messages.empty() && std::all_of(messages.begin(), messages.end(), IsEncoderOptions);
}

}  // namespace

bool IsParameterSet(NalCodec codec, ByteView nal) {
  if (codec == NalCodec::kH264) {
    const H264NalType type = H264TypeOf(nal);
    return type == H264NalType::kSps || type == H264NalType::kPps ||
           type == H264NalType::kSpsExtension;
  }
  const HevcNalType type = HevcTypeOf(nal);
  return type == HevcNalType::kVps || type == HevcNalType::kSps || type == HevcNalType::kPps;
}

bool IsBeyondBaseLayer(NalCodec codec, ByteView nal) {
  if (codec == NalCodec::kHevc) return nal.size() >= 2 && HevcLayerOf(nal) != 0;
  switch (H264TypeOf(nal)) {
    case H264NalType::kPrefix:
    case H264NalType::kSubsetSps:
    case H264NalType::kSliceExtension:
    case H264NalType::kSliceExtension3d:
      return true;
    default:
      return false;
  }
}

bool IsSei(NalCodec codec, ByteView nal) {
  if (codec == NalCodec::kH264) return H264TypeOf(nal) == H264NalType::kSei;
  const HevcNalType type = HevcTypeOf(nal);
  return type == HevcNalType::kPrefixSei || type == HevcNalType::kSuffixSei;
}

bool IsSlice(NalCodec codec, ByteView nal) {
  if (codec == NalCodec::kH264) {
    const H264NalType type = H264TypeOf(nal);
    return type == H264NalType::kSlice || type == H264NalType::kSlicePartitionA ||
           type == H264NalType::kSliceIdr || type == H264NalType::kAuxiliarySlice;
  }
  // 10 to 15 and 22 to 31 are reserved: decoders ignore them (HEVC 7.4.2.2).
  const HevcNalType type = HevcTypeOf(nal);
  return nal.size() >= 2 && HevcLayerOf(nal) == 0 &&
         (type <= HevcNalType::kRaslR ||
          (type >= HevcNalType::kBlaWLp && type <= HevcNalType::kCra));
}

NalUnitReader::NalUnitReader(ByteView sample, NalFraming framing, SampleExtent extent)
    : rest_(sample), framing_(framing), extent_(extent) {
  if (framing.length_size < 0 || framing.length_size > 4) {
    throw Error(ErrorCode::kBadArgs, "NAL unit lengths have 1 to 4 bytes");
  }
  if (framing_.IsAnnexB()) rest_ = rest_.subspan(FindStartCode(rest_));
}

std::optional<ByteView> NalUnitReader::Next() {
  while (!rest_.empty()) {
    const std::optional<ByteView> nal = framing_.IsAnnexB() ? NextAnnexB() : NextLengthPrefixed();
    if (!nal || !nal->empty()) return nal;
  }
  return std::nullopt;
}

std::optional<ByteView> NalUnitReader::NextLengthPrefixed() {
  const auto length_size = static_cast<std::size_t>(framing_.length_size);
  const bool cut_off = extent_ == SampleExtent::kStart;
  if (rest_.size() < length_size && (cut_off || IsAllZero(rest_))) {
    rest_ = {};
    return std::nullopt;
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < std::min(length_size, rest_.size()); ++i) {
    length = length << 8 | rest_[i];
  }
  if (cut_off && rest_.size() >= length_size) {
    length = std::min(length, rest_.size() - length_size);
  }
  if (rest_.size() < length_size || length > rest_.size() - length_size) {
    throw Error(ErrorCode::kExec, "a NAL unit is longer than its sample");
  }
  const ByteView nal = rest_.subspan(length_size, length);
  rest_ = rest_.subspan(length_size + length);
  return nal;
}

std::optional<ByteView> NalUnitReader::NextAnnexB() {
  constexpr std::size_t kPrefixSize = 3;
  rest_ = rest_.subspan(kPrefixSize);
  const std::size_t end = FindStartCode(rest_);
  std::size_t size = end;
  // trailing_zero_8bits, or the zero_byte of a 4-byte start code: a NAL unit never ends in 0
  // (7.4.1).
  while (size > 0 && rest_[size - 1] == 0) --size;
  const ByteView nal = rest_.first(size);
  rest_ = rest_.subspan(end);
  return nal;
}

std::vector<ByteView> SplitNalUnits(ByteView sample, NalFraming framing) {
  std::vector<ByteView> nals;
  NalUnitReader reader(sample, framing);
  while (const std::optional<ByteView> nal = reader.Next()) nals.push_back(*nal);
  return nals;
}

Bytes StripEmulationPrevention(ByteView nal, std::size_t max_bytes) {
  Bytes raw;
  raw.reserve(std::min(nal.size(), max_bytes));
  int zeros = 0;
  for (const std::uint8_t byte : nal) {
    if (raw.size() >= max_bytes) break;
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    raw.push_back(byte);
  }
  return raw;
}

Bytes InsertEmulationPrevention(ByteView raw) {
  Bytes nal;
  nal.reserve(raw.size() + raw.size() / 64 + 1);
  int zeros = 0;
  for (const std::uint8_t byte : raw) {
    if (zeros == 2 && byte <= 3) {
      nal.push_back(3);
      zeros = 0;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    nal.push_back(byte);
  }
  // 7.4.1: a payload that ends in cabac_zero_words gets a last 03, so that no NAL unit ends in 0.
  if (!raw.empty() && raw.back() == 0) nal.push_back(3);
  return nal;
}

void AppendLengthPrefixed(ByteView nal, Bytes& sample) {
  const std::size_t begin = BeginLengthPrefixed(sample);
  sample.insert(sample.end(), nal.begin(), nal.end());
  EndLengthPrefixed(begin, sample);
}

std::size_t BeginLengthPrefixed(Bytes& sample) {
  const std::size_t begin = sample.size();
  sample.resize(begin + kLengthBytes);
  return begin;
}

void EndLengthPrefixed(std::size_t begin, Bytes& sample) {
  const std::size_t length = sample.size() - begin - kLengthBytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    sample[begin + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  }
}

bool IsFiltered(NalCodec codec, const NalFilter& filter, ByteView nal) {
  if (IsParameterSet(codec, nal)) return filter.parameter_sets;
  const bool delimiter = codec == NalCodec::kH264
                             ? H264TypeOf(nal) == H264NalType::kAccessUnitDelimiter
                             : HevcTypeOf(nal) == HevcNalType::kAccessUnitDelimiter;
  if (delimiter) return filter.access_unit_delimiters;
  if (codec == NalCodec::kHevc && HevcTypeOf(nal) >= HevcNalType::kDolbyVisionMetadata) {
    return filter.dolby_vision;
  }
  return filter.encoder_options && IsSei(codec, nal) && HoldsOnlyEncoderOptions(codec, nal);
}

Bytes ToLengthPrefixed(NalCodec codec, ByteView sample, NalFraming framing,
                       const NalFilter& filter) {
  Bytes out;
  // Each NAL unit grows by at most 3 bytes, and a sample rarely has more than a few.
  out.reserve(sample.size() + 64);
  NalUnitReader reader(sample, framing);
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (!IsFiltered(codec, filter, *nal)) AppendLengthPrefixed(*nal, out);
  }
  return out;
}

}  // namespace opencut
