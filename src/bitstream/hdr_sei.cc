#include "bitstream/hdr_sei.h"

#include <algorithm>
#include <optional>

#include "bitstream/sei.h"

namespace opencut {

namespace {

bool IsHdrMessage(const SeiMessage& message) {
  return message.type == kSeiMasteringDisplay || message.type == kSeiContentLight ||
         message.type == kSeiAlternativeTransfer || message.type == kSeiAmbientViewing ||
         message.type == kSeiContentColourVolume;
}

}  // namespace

std::vector<int> HdrMessageTypes(NalCodec codec, ByteView nal) {
  std::vector<int> types;
  if (!IsSei(codec, nal)) return types;
  for (const SeiMessage& message : ParseSei(codec, nal)) {
    if (IsHdrMessage(message)) types.push_back(message.type);
  }
  return types;
}

Bytes WithHdrOfHeader(NalCodec codec, ByteView sample, const std::vector<Bytes>& header) {
  std::vector<int> present;
  NalUnitReader types(sample, NalFraming());
  while (const std::optional<ByteView> nal = types.Next()) {
    for (const int type : HdrMessageTypes(codec, *nal)) present.push_back(type);
  }
  const auto is_missing = [&](int type) {
    return std::find(present.begin(), present.end(), type) == present.end();
  };
  Bytes out;
  bool added = false;
  NalUnitReader reader(sample, NalFraming());
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (!added && IsSlice(codec, *nal)) {
      added = true;
      for (const Bytes& sei : header) {
        const std::vector<int> types_in_sei = HdrMessageTypes(codec, sei);
        if (std::any_of(types_in_sei.begin(), types_in_sei.end(), is_missing)) {
          AppendLengthPrefixed(sei, out);
        }
      }
    }
    AppendLengthPrefixed(*nal, out);
  }
  return out;
}

}  // namespace opencut
