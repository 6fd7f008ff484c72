#include "bitstream/extradata.h"

#include "base/error.h"
#include "bitstream/avc_config.h"
#include "bitstream/hevc_config.h"

namespace opencut {

namespace {

// Neither record can begin so: avcC begins with 1, and no hvcC of version 0 has so few profile
// bits.
bool BeginsWithStartCode(ByteView bytes) {
  return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 &&
         (bytes[2] == 1 || (bytes[2] == 0 && bytes[3] == 1));
}

}  // namespace

Extradata ParseExtradata(NalCodec codec, ByteView extradata) {
  if (BeginsWithStartCode(extradata)) {
    return {.sets = ParameterSetsFromAnnexB(codec, extradata), .framing = kAnnexB};
  }
  Extradata parsed;
  if (codec == NalCodec::kH264) {
    AvcConfig config = ParseAvcConfig(extradata);
    parsed = {.sets = std::move(config.sets), .framing = {.length_size = config.length_size}};
  } else {
    HevcConfig config = ParseHevcConfig(extradata);
    parsed = {.sets = std::move(config.sets), .framing = {.length_size = config.length_size}};
  }
  if (parsed.sets.sps.empty() || parsed.sets.pps.empty()) {
    throw Error(ErrorCode::kExec, "the stream's header has no parameter sets");
  }
  return parsed;
}

Bytes WriteExtradata(const ParameterSets& sets) {
  return sets.codec == NalCodec::kH264 ? WriteAvcConfig(MakeAvcConfig(sets))
                                       : WriteHevcConfig(MakeHevcConfig(sets));
}

}  // namespace opencut
