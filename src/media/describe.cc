#include "media/describe.h"

#include <algorithm>

#include "base/error.h"
#include "bitstream/aac_config.h"
#include "bitstream/aac_frame_writer.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/hevc_parameter_sets.h"
#include "media/hdr_metadata.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

constexpr int kLowestHdrBitDepth = 10;

// Cameras crop within the last macroblock by the container's size alone, and libav's decoder goes
// by that.
bool CropsFurther(int container, int coded) {
  return container > 0 && container <= coded && (container + 15) / 16 == (coded + 15) / 16;
}

int LevelOf(const H264Sps& sps) { return sps.level_idc; }
int LevelOf(const HevcSps& sps) { return sps.profile.level_idc; }
bool MayHoldFields(const H264Sps& sps) { return !sps.frame_mbs_only; }
bool MayHoldFields(const HevcSps&) { return false; }
bool IsOfSingleFields(const H264Sps&) { return false; }
bool IsOfSingleFields(const HevcSps& sps) { return sps.field_sequence; }

// H.264 and HEVC say in their own headers what a container often leaves out, and are right where
// they differ.
template <typename Sps>
void ApplySps(const Sps& sps, VideoParams& params) {
  params.level = LevelOf(sps);
  params.profile = std::string(ProfileName(sps));
  if (!CropsFurther(params.width, sps.width) || !CropsFurther(params.height, sps.height)) {
    params.width = sps.width;
    params.height = sps.height;
  }
  params.coded_width = sps.coded_width;
  params.coded_height = sps.coded_height;
  params.bit_depth = sps.bit_depth_luma;
  params.pixel_format = PixelFormatName(sps).value_or(params.pixel_format);
  params.interlaced = MayHoldFields(sps);
  params.single_fields = IsOfSingleFields(sps);
  params.reorder_depth = ReorderDepth(sps);
  const VideoUsability& usability = sps.usability;
  if (usability.sample_aspect_ratio.num > 0 && usability.sample_aspect_ratio.den > 0) {
    params.sample_aspect_ratio =
        Rational(usability.sample_aspect_ratio.num, usability.sample_aspect_ratio.den);
  }
  Colour& colour = params.colour;
  if (usability.full_range) {
    colour.range_known = true;
    colour.full_range = *usability.full_range;
  }
  const auto fill = [](int& value, int coded) {
    if (value == Colour::kUnspecified || value == 0) value = coded;
  };
  fill(colour.primaries, usability.colour.primaries);
  fill(colour.transfer, usability.colour.transfer);
  fill(colour.matrix, usability.colour.matrix);
  if (usability.chroma_location && colour.chroma_location == 0) {
    colour.chroma_location = *usability.chroma_location + 1;  // libav counts from 1.
  }
}

// Of a stream whose extradata cannot be read the container's word is all there is.
void ApplyHeaders(VideoParams& params) {
  const std::optional<Extradata> headers = HeadersOf(params);
  if (!headers) return;
  const Bytes& sps = headers->sets.sps.front();
  if (headers->sets.codec == NalCodec::kH264) {
    ApplySps(ParseH264Sps(sps), params);
  } else {
    ApplySps(ParseHevcSps(sps), params);
  }
}

// "yuvj420p" is "yuv420p" of full range.
void NormalisePixelFormat(VideoParams& params) {
  const std::size_t full_range_mark = params.pixel_format.find("yuvj");
  if (full_range_mark != 0) return;
  params.pixel_format.erase(3, 1);
  params.colour.full_range = true;
  params.colour.range_known = true;
}

int BitDepthOf(const std::string& pixel_format) {
  for (const int depth : {16, 14, 12, 10, 9}) {
    if (pixel_format.find("p" + std::to_string(depth)) != std::string::npos) return depth;
  }
  return 8;
}

// Plain AAC-LC in frames of 1024 samples. Below 32 kHz the payload may hold a second half of the
// spectrum that the header does not speak of.
bool CanBeSpliced(const AudioParams& params) {
  if (params.extradata.empty() || !CanWriteAacFrames(params.sample_rate, params.channels)) {
    return false;
  }
  try {
    const AacConfig config = ParseAacConfig(params.extradata);
    constexpr int kLowComplexity = 2;
    return config.object_type == kLowComplexity && !config.sbr && !config.ps &&
           config.sample_rate == params.sample_rate &&
           config.channel_configuration == params.channels &&
           config.frame_samples == kAacFrameSamples;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool MayHoldHdr(const VideoParams& params) {
  return params.bit_depth >= kLowestHdrBitDepth && NalCodecOf(params).has_value();
}

HdrMetadata DescribeHdr(const DemuxedStream& stream, const VideoParams& params, ByteView first) {
  HdrMetadata hdr;
  if (const std::optional<Extradata> headers = HeadersOf(params)) {
    const NalCodec codec = headers->sets.codec;
    AddHdrFromSample(codec, first, headers->framing, SampleExtent::kStart, hdr);
    for (const Bytes& nal : headers->sets.sei) AddHdrFromSei(codec, nal, hdr);
  }
  if (!hdr.mastering_display) hdr.mastering_display = stream.parameters.mastering_display();
  if (!hdr.content_light) hdr.content_light = stream.parameters.content_light();
  return hdr;
}

VideoParams DescribeVideo(const DemuxedStream& stream) {
  const CodecParameters& parameters = stream.parameters;
  VideoParams params;
  params.codec = parameters.codec_name();
  params.profile = parameters.profile_name();
  params.level = std::max(parameters.level(), 0);
  params.width = params.coded_width = parameters.width();
  params.height = params.coded_height = parameters.height();
  params.pixel_format = parameters.pixel_format();
  if (params.pixel_format.empty()) params.pixel_format = "yuv420p";
  params.colour = parameters.colour();
  NormalisePixelFormat(params);
  params.bit_depth = BitDepthOf(params.pixel_format);
  if (parameters.sample_aspect_ratio() > Rational(0)) {
    params.sample_aspect_ratio = parameters.sample_aspect_ratio();
  }
  params.display_matrix = parameters.display_matrix();
  params.dolby_vision = parameters.dolby_vision();
  params.field_order = parameters.field_order();
  params.interlaced = params.field_order != FieldOrder::kProgressive;
  params.frame_rate = stream.average_frame_rate;
  params.reorder_depth = parameters.reorder_depth();
  const std::span<const std::uint8_t> extradata = parameters.extradata();
  params.extradata.assign(extradata.begin(), extradata.end());
  ApplyHeaders(params);
  params.hdr = DescribeHdr(stream, params, {});
  return params;
}

AudioParams DescribeAudio(const DemuxedStream& stream) {
  const CodecParameters& parameters = stream.parameters;
  AudioParams params;
  params.codec = parameters.codec_name();
  params.profile = parameters.profile_name();
  params.sample_rate = parameters.sample_rate();
  params.channels = parameters.channels();
  params.channel_layout = parameters.channel_layout();
  const std::span<const std::uint8_t> extradata = parameters.extradata();
  params.extradata.assign(extradata.begin(), extradata.end());
  params.can_be_spliced = params.codec == "aac" && CanBeSpliced(params);
  return params;
}

std::string WhyNeverCopied(const VideoParams& params) {
  if (!NalCodecOf(params)) return "its codec is " + params.codec + ", neither H.264 nor HEVC";
  if (!HeadersOf(params)) return "it has no parameter sets in its header";
  if (params.single_fields) return "its pictures are single fields";
  return {};
}

}  // namespace opencut
