#include "media/video_description.h"

#include <algorithm>
#include <cstring>

#include "media/coded_header.h"
#include "media/convert.h"
#include "media/hdr_metadata.h"

namespace opencut {
namespace {

std::optional<Rational> KnownRatio(AVRational ratio) {
  if (ratio.num <= 0 || ratio.den <= 0) return std::nullopt;
  return FromAvRational(ratio);
}

// libav's name of a code point, empty where it stands for "unspecified".
template <typename T>
std::string ColorName(T value, T unspecified, const char* (*name)(T)) {
  return value == unspecified ? "" : OrEmpty(name(value));
}

ColorInfo DescribeColor(const AVCodecParameters& parameters) {
  ColorInfo color;
  color.range = ColorName(parameters.color_range, AVCOL_RANGE_UNSPECIFIED, av_color_range_name);
  color.space = ColorName(parameters.color_space, AVCOL_SPC_UNSPECIFIED, av_color_space_name);
  color.primaries =
      ColorName(parameters.color_primaries, AVCOL_PRI_UNSPECIFIED, av_color_primaries_name);
  color.transfer = ColorName(parameters.color_trc, AVCOL_TRC_UNSPECIFIED, av_color_transfer_name);
  color.chroma_location =
      ColorName(parameters.chroma_location, AVCHROMA_LOC_UNSPECIFIED, av_chroma_location_name);
  return color;
}

// The stream's own header goes before the container's, as in libav, except where it is silent.
void ApplyUsability(const VideoUsability& usability, ColorInfo& color) {
  const auto apply = [](std::string& to, const std::string& coded) {
    if (!coded.empty()) to = coded;
  };
  if (usability.full_range) color.range = *usability.full_range ? "pc" : "tv";
  apply(color.space, ColorName(static_cast<AVColorSpace>(usability.colour.matrix),
                               AVCOL_SPC_UNSPECIFIED, av_color_space_name));
  apply(color.primaries, ColorName(static_cast<AVColorPrimaries>(usability.colour.primaries),
                                   AVCOL_PRI_UNSPECIFIED, av_color_primaries_name));
  apply(color.transfer,
        ColorName(static_cast<AVColorTransferCharacteristic>(usability.colour.transfer),
                  AVCOL_TRC_UNSPECIFIED, av_color_transfer_name));
  if (usability.chroma_location) {
    // libav counts from 1.
    const auto location = static_cast<AVChromaLocation>(*usability.chroma_location + 1);
    color.chroma_location = OrEmpty(av_chroma_location_name(location));
  }
}

std::string FieldOrderName(AVFieldOrder order) {
  switch (order) {
    case AV_FIELD_PROGRESSIVE:
      return "progressive";
    case AV_FIELD_TT:
      return "tt";
    case AV_FIELD_BB:
      return "bb";
    case AV_FIELD_TB:
      return "tb";
    case AV_FIELD_BT:
      return "bt";
    default:
      return "";
  }
}

std::optional<DisplayMatrix> MatrixOf(const AVStream& stream) {
  for (const StreamSideData& side_data : GetStreamSideData(stream)) {
    DisplayMatrix matrix;
    if (side_data.type != AV_PKT_DATA_DISPLAYMATRIX || side_data.bytes.size() < sizeof(matrix)) {
      continue;
    }
    std::memcpy(matrix.data(), side_data.bytes.data(), sizeof(matrix));
    return matrix;
  }
  return std::nullopt;
}

void ApplyMatrix(const DisplayMatrix& matrix, VideoInfo& video) {
  video.display_matrix = matrix;
  const auto at = [&](std::size_t i) { return static_cast<std::int64_t>(matrix[i]); };
  video.mirrored = at(0) * at(4) < at(1) * at(3);
  DisplayMatrix turn = matrix;
  if (video.mirrored) {
    // The one number whose negative does not fit becomes its neighbour.
    turn[0] = static_cast<std::int32_t>(std::min(-at(0), std::int64_t{INT32_MAX}));
    turn[1] = static_cast<std::int32_t>(std::min(-at(1), std::int64_t{INT32_MAX}));
  }
  video.rotation = RotationDegrees(turn);
}

// As libav does where a stream's time stamps show none: the rate that the codec names, unless the
// time base is too coarse for it, else the time base's own.
Rational GuessRealFrameRate(AVRational time_base, const Rational& coded_rate) {
  const Rational finest = FromAvRational(av_inv_q(time_base));
  return coded_rate > Rational(0) && coded_rate <= finest ? coded_rate : finest;
}

void ApplyHeader(const CodedVideoHeader& header, StreamInfo& info) {
  info.profile = header.profile;
  info.level = header.level;
  VideoInfo& video = info.video;
  video.width = header.width;
  video.height = header.height;
  video.coded_width = header.coded_width;
  video.coded_height = header.coded_height;
  video.pixel_format = header.pixel_format;
  ApplyUsability(header.usability, video.color);
  if (!video.sample_aspect_ratio) {
    const SampleAspectRatio& ratio = header.usability.sample_aspect_ratio;
    video.sample_aspect_ratio = KnownRatio({ratio.num, ratio.den});
  }
  if (header.frames_only && video.field_order.empty() && info.codec == "h264") {
    video.field_order = "progressive";
  }
  video.reorder_depth = std::max(video.reorder_depth, header.reorder_depth);
}

// libav marks full range in some names of pixel formats too, and has deprecated that.
void NormalisePixelFormat(VideoInfo& video) {
  if (!video.pixel_format.starts_with("yuvj")) return;
  video.pixel_format.erase(3, 1);
  video.color.range = "pc";
}

int BitDepth(const std::string& pixel_format) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(av_get_pix_fmt(pixel_format.c_str()));
  return descriptor == nullptr ? 0 : descriptor->comp[0].depth;
}

}  // namespace

void DescribeVideo(const AVStream& stream, StreamInfo& info) {
  const AVCodecParameters& parameters = *stream.codecpar;
  VideoInfo& video = info.video;
  video.width = video.coded_width = parameters.width;
  video.height = video.coded_height = parameters.height;
  video.sample_aspect_ratio = KnownRatio(stream.sample_aspect_ratio);
  if (!video.sample_aspect_ratio) {
    video.sample_aspect_ratio = KnownRatio(parameters.sample_aspect_ratio);
  }
  if (const std::optional<DisplayMatrix> matrix = MatrixOf(stream)) ApplyMatrix(*matrix, video);
  video.pixel_format = PixelFormatName(static_cast<AVPixelFormat>(parameters.format));
  video.color = DescribeColor(parameters);
  video.field_order = FieldOrderName(parameters.field_order);
  video.hdr = HdrFromContainer(stream);
  video.reorder_depth = parameters.video_delay;
  const std::optional<CodedVideoHeader> header = ReadCodedVideoHeader(parameters);
  if (header) ApplyHeader(*header, info);
  NormalisePixelFormat(video);
  video.bit_depth = BitDepth(video.pixel_format);
  if (IsCover(stream)) return;
  video.average_frame_rate = KnownRatio(stream.avg_frame_rate);
  video.real_frame_rate = KnownRatio(stream.r_frame_rate);
  if (!video.real_frame_rate && header) {
    video.real_frame_rate = GuessRealFrameRate(stream.time_base, header->frame_rate);
  }
}

}  // namespace opencut
