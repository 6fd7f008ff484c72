#include "media/coded_header.h"

#include <array>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bitstream/aac_config.h"
#include "bitstream/extradata.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/hevc_parameter_sets.h"
#include "media/convert.h"

namespace opencut {
namespace {

constexpr int kAacLowComplexity = 2;  // audioObjectType, ISO/IEC 14496-3, Table 1.17.
// SBR that the config does not announce has a core of at most half the usual rates.
constexpr int kHighestImplicitSbrRate = 24'000;
constexpr int kMacroblock = 16;
constexpr int kChroma420 = 1;  // chroma_format_idc.

ByteView ExtradataOf(const AVCodecParameters& parameters) {
  return {parameters.extradata, static_cast<std::size_t>(parameters.extradata_size)};
}

Rational RateOf(const std::optional<VideoTiming>& timing, int ticks_per_picture) {
  if (!timing || timing->units_in_tick == 0) return 0;
  return Rational(timing->time_scale,
                  static_cast<std::int64_t>(timing->units_in_tick) * ticks_per_picture);
}

CodedVideoHeader Describe(const H264Sps& sps) {
  CodedVideoHeader header;
  header.profile = ProfileName(sps);
  header.level = sps.level_idc;
  header.width = sps.width;
  header.height = sps.height;
  header.coded_width = sps.coded_width;
  header.coded_height = sps.coded_height;
  header.pixel_format = PixelFormatName(sps).value_or("");
  header.usability = sps.usability;
  // What E.2.1 infers, as libav tells it. An unstated range it leaves open.
  if (!header.usability.chroma_location) header.usability.chroma_location = 0;
  if (sps.restriction) header.reorder_depth = sps.restriction->max_num_reorder_frames;
  header.frames_only = sps.frame_mbs_only;
  header.frame_rate = RateOf(sps.timing, 2);
  return header;
}

CodedVideoHeader Describe(const HevcSps& sps) {
  CodedVideoHeader header;
  header.profile = ProfileName(sps);
  header.level = sps.profile.level_idc;
  header.width = sps.width;
  header.height = sps.height;
  header.coded_width = sps.coded_width;
  header.coded_height = sps.coded_height;
  header.pixel_format = PixelFormatName(sps).value_or("");
  header.usability = sps.usability;
  VideoUsability& usability = header.usability;
  // What E.3.1 infers, as libav tells it.
  if (!usability.full_range) usability.full_range = false;
  if (!usability.chroma_location) usability.chroma_location = 0;
  if (sps.chroma_format_idc != kChroma420) usability.chroma_location.reset();
  header.reorder_depth = ReorderDepth(sps);
  header.frames_only = !sps.field_sequence;
  header.frame_rate = RateOf(sps.timing, 1);
  return header;
}

bool SameShape(const CodedVideoHeader& a, const CodedVideoHeader& b) {
  return a.width == b.width && a.height == b.height && a.coded_width == b.coded_width &&
         a.coded_height == b.coded_height && a.pixel_format == b.pixel_format &&
         a.frames_only == b.frames_only;
}

std::optional<CodedVideoHeader> ReadParameterSets(NalCodec codec, ByteView extradata) {
  Extradata parsed = ParseExtradata(codec, extradata);
  std::optional<CodedVideoHeader> first;
  for (const Bytes& sps : parsed.sets.sps) {
    const CodedVideoHeader header =
        codec == NalCodec::kH264 ? Describe(ParseH264Sps(sps)) : Describe(ParseHevcSps(sps));
    if (!first) first = header;
    if (header.pixel_format.empty() || !SameShape(*first, header)) return std::nullopt;
  }
  if (!first) return std::nullopt;
  first->framing = parsed.framing;
  first->sei = std::move(parsed.sets.sei);
  return first;
}

// Files without cropping in their SPS are cropped by the size in the container: it counts where it
// differs by less than a macroblock from what is coded.
void CropAsContainer(const AVCodecParameters& parameters, CodedVideoHeader& header) {
  const auto whole_blocks = [](int size) { return (size + kMacroblock - 1) / kMacroblock; };
  const bool same_blocks = whole_blocks(parameters.width) == whole_blocks(header.width) &&
                           whole_blocks(parameters.height) == whole_blocks(header.height);
  const bool smaller = parameters.width <= header.width && parameters.height <= header.height;
  if (!same_blocks || !smaller) return;
  header.width = parameters.width;
  header.height = parameters.height;
}

std::optional<CodedAudioHeader> ReadAac(const AVCodecParameters& parameters) {
  // By channel_configuration, Table 1.19.
  static constexpr std::array kLayouts = {"", "mono", "stereo", "3.0", "4.0", "5.0", "5.1"};
  const AacConfig config = ParseAacConfig(ExtradataOf(parameters));
  const bool plain = config.object_type == kAacLowComplexity && !config.sbr && !config.ps &&
                     config.sample_rate > kHighestImplicitSbrRate &&
                     config.sample_rate == parameters.sample_rate;
  const int channels = config.channel_configuration;
  if (!plain || channels == 0 || channels >= static_cast<int>(kLayouts.size())) {
    return std::nullopt;
  }
  return CodedAudioHeader{
      .profile = "LC", .channel_layout = kLayouts[channels], .sample_format = "fltp"};
}

std::optional<CodedAudioHeader> ReadPcm(const AVCodecParameters& parameters) {
  const AVCodec* decoder = avcodec_find_decoder(parameters.codec_id);
  if (decoder == nullptr) return std::nullopt;
  const std::span<const AVSampleFormat> formats = SupportedSampleFormats(*decoder);
  if (formats.empty()) return std::nullopt;
  const bool layout_known = parameters.ch_layout.order != AV_CHANNEL_ORDER_UNSPEC;
  return CodedAudioHeader{
      .profile = "",
      .channel_layout = layout_known ? ChannelLayoutName(parameters.ch_layout) : "",
      .sample_format = SampleFormatName(formats.front())};
}

}  // namespace

std::optional<CodedVideoHeader> ReadCodedVideoHeader(const AVCodecParameters& parameters) {
  const bool is_h264 = parameters.codec_id == AV_CODEC_ID_H264;
  if (!is_h264 && parameters.codec_id != AV_CODEC_ID_HEVC) return std::nullopt;
  try {
    std::optional<CodedVideoHeader> header =
        ReadParameterSets(is_h264 ? NalCodec::kH264 : NalCodec::kHevc, ExtradataOf(parameters));
    if (header && is_h264) CropAsContainer(parameters, *header);
    return header;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<CodedAudioHeader> ReadCodedAudioHeader(const AVCodecParameters& parameters) {
  if (av_get_exact_bits_per_sample(parameters.codec_id) > 0) return ReadPcm(parameters);
  if (parameters.codec_id != AV_CODEC_ID_AAC) return std::nullopt;
  try {
    return ReadAac(parameters);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace opencut
