#include "media/convert.h"

#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/error.h"
#include "media/libav_ptr.h"

namespace opencut {

namespace {

// libav's "yuvj" formats and those they are the full range of.
constexpr std::array<std::pair<AVPixelFormat, AVPixelFormat>, 4> kFullRangeFormats = {
    {{AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
     {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
     {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P},
     {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P}}};

}  // namespace

AVRational ToAvRational(const Rational& value) {
  constexpr std::int64_t limit = std::numeric_limits<int>::max();
  if (value.num() > limit || value.num() < -limit || value.den() > limit) {
    throw Error(ErrorCode::kExec, "the ratio " + std::to_string(value.num()) + "/" +
                                      std::to_string(value.den()) + " does not fit 32 bits");
  }
  return {static_cast<int>(value.num()), static_cast<int>(value.den())};
}

Rational FromAvRational(AVRational value) {
  return value.den == 0 ? Rational() : Rational(value.num, value.den);
}

AVFieldOrder ToAvFieldOrder(FieldOrder order) {
  if (order == FieldOrder::kProgressive) return AV_FIELD_PROGRESSIVE;
  return order == FieldOrder::kTopFirst ? AV_FIELD_TT : AV_FIELD_BB;
}

AVColorRange ToAvColorRange(const Colour& colour) {
  if (!colour.range_known) return AVCOL_RANGE_UNSPECIFIED;
  return colour.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

Colour ColourOf(AVColorRange range, AVColorPrimaries primaries,
                AVColorTransferCharacteristic transfer, AVColorSpace matrix,
                AVChromaLocation location) {
  Colour colour;
  colour.full_range = range == AVCOL_RANGE_JPEG;
  colour.range_known = range != AVCOL_RANGE_UNSPECIFIED;
  colour.primaries = primaries;
  colour.transfer = transfer;
  colour.matrix = matrix;
  colour.chroma_location = location;
  return colour;
}

std::string OrEmpty(const char* name) { return name == nullptr ? "" : name; }

std::string PixelFormatName(AVPixelFormat format) { return OrEmpty(av_get_pix_fmt_name(format)); }

AVPixelFormat ParsePixelFormat(const std::string& name) {
  const AVPixelFormat format = av_get_pix_fmt(name.c_str());
  if (format == AV_PIX_FMT_NONE) {
    throw Error(ErrorCode::kPlanUnsupported, "unknown pixel format \"" + name + "\"");
  }
  return format;
}

AVPixelFormat WithoutRange(AVPixelFormat format) {
  for (const auto& [full, plain] : kFullRangeFormats) {
    if (format == full) return plain;
  }
  return format;
}

std::string FullRangeFormatName(const std::string& name) {
  for (const auto& [full, plain] : kFullRangeFormats) {
    if (name == PixelFormatName(plain)) return PixelFormatName(full);
  }
  return name;
}

std::string SampleFormatName(AVSampleFormat format) {
  return OrEmpty(av_get_sample_fmt_name(format));
}

AVSampleFormat ParseSampleFormat(const std::string& name) {
  const AVSampleFormat format = av_get_sample_fmt(name.c_str());
  if (format == AV_SAMPLE_FMT_NONE) {
    throw Error(ErrorCode::kPlanUnsupported, "unknown sample format \"" + name + "\"");
  }
  return format;
}

std::string ChannelLayoutName(const AVChannelLayout& layout) {
  if (layout.nb_channels == 0) return "";
  char name[256] = {};
  Check(av_channel_layout_describe(&layout, name, sizeof(name)), "describe a channel layout");
  return name;
}

ChannelLayout::ChannelLayout(const std::string& name) {
  if (av_channel_layout_from_string(&layout_, name.c_str()) < 0) {
    throw Error(ErrorCode::kPlanUnsupported, "unknown channel layout \"" + name + "\"");
  }
  if (layout_.order != AV_CHANNEL_ORDER_UNSPEC) return;
  const int count = layout_.nb_channels;
  av_channel_layout_default(&layout_, count);
}

ChannelLayout::ChannelLayout(const AVChannelLayout& layout) {
  if (layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&layout_, layout.nb_channels);
  } else {
    Check(av_channel_layout_copy(&layout_, &layout), "copy a channel layout");
  }
}

ChannelLayout::ChannelLayout(const ChannelLayout& other) : ChannelLayout(other.layout_) {}

ChannelLayout& ChannelLayout::operator=(const ChannelLayout& other) {
  Check(av_channel_layout_copy(&layout_, &other.layout_), "copy a channel layout");
  return *this;
}

ChannelLayout::~ChannelLayout() { av_channel_layout_uninit(&layout_); }

bool operator==(const ChannelLayout& a, const ChannelLayout& b) {
  return av_channel_layout_compare(&a.layout_, &b.layout_) == 0;
}

}  // namespace opencut
