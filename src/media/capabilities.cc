#include "media/capabilities.h"

#include <set>

#include "media/libav.h"

namespace opencut {
namespace {

std::string VersionText(unsigned version) {
  return std::to_string(AV_VERSION_MAJOR(version)) + "." +
         std::to_string(AV_VERSION_MINOR(version)) + "." +
         std::to_string(AV_VERSION_MICRO(version));
}

std::vector<std::string> Sorted(const std::set<std::string>& names) {
  return {names.begin(), names.end()};
}

// `is_wanted`: av_codec_is_encoder or av_codec_is_decoder.
std::vector<std::string> CodecNames(int (*is_wanted)(const AVCodec*)) {
  std::set<std::string> names;
  void* position = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&position)) {
    if (is_wanted(codec) != 0) names.insert(codec->name);
  }
  return Sorted(names);
}

std::vector<std::string> MuxerNames() {
  std::set<std::string> names;
  void* position = nullptr;
  while (const AVOutputFormat* format = av_muxer_iterate(&position)) names.insert(format->name);
  return Sorted(names);
}

std::vector<std::string> HardwareNames() {
  std::set<std::string> names;
  AVHWDeviceType type = AV_HWDEVICE_TYPE_NONE;
  while ((type = av_hwdevice_iterate_types(type)) != AV_HWDEVICE_TYPE_NONE) {
    names.insert(av_hwdevice_get_type_name(type));
  }
  return Sorted(names);
}

}  // namespace

Capabilities GetCapabilities() {
  return {.versions = {.ffmpeg = av_version_info(),
                       .libavformat = VersionText(avformat_version()),
                       .libavcodec = VersionText(avcodec_version()),
                       .libavfilter = VersionText(avfilter_version()),
                       .libavutil = VersionText(avutil_version()),
                       .libswresample = VersionText(swresample_version()),
                       .libswscale = VersionText(swscale_version())},
          .encoders = CodecNames(av_codec_is_encoder),
          .decoders = CodecNames(av_codec_is_decoder),
          .muxers = MuxerNames(),
          .protocols = {"file"},  // What InputFile opens; libav itself opens nothing.
          .hardware = HardwareNames(),
          .license = avformat_license()};
}

}  // namespace opencut
