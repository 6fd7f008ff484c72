#include "media/video_headers.h"

#include "base/error.h"

namespace opencut {

std::optional<NalCodec> NalCodecOf(const VideoParams& params) {
  if (params.codec == "h264") return NalCodec::kH264;
  if (params.codec == "hevc") return NalCodec::kHevc;
  return std::nullopt;
}

std::optional<Extradata> HeadersOf(const VideoParams& params) {
  const std::optional<NalCodec> codec = NalCodecOf(params);
  if (!codec || params.extradata.empty()) return std::nullopt;
  try {
    return ParseExtradata(*codec, params.extradata);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace opencut
