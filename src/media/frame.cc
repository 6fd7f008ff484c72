#include "media/frame.h"

#include <algorithm>

#include "media/convert.h"

namespace opencut {

Frame::Frame() : frame_(CheckAllocated(av_frame_alloc())) {}

Frame Frame::Video(int width, int height, const std::string& pixel_format) {
  Frame frame;
  frame.frame_->width = width;
  frame.frame_->height = height;
  frame.frame_->format = ParsePixelFormat(pixel_format);
  Check(av_frame_get_buffer(frame.get(), 0), "allocate a picture");
  return frame;
}

Frame Frame::Audio(int sample_rate, const std::string& channel_layout, int sample_count) {
  const ChannelLayout layout(channel_layout);
  Frame frame;
  frame.frame_->sample_rate = sample_rate;
  frame.frame_->nb_samples = sample_count;
  frame.frame_->format = AV_SAMPLE_FMT_FLTP;
  Check(av_channel_layout_copy(&frame.frame_->ch_layout, &layout.get()), "copy a channel layout");
  Check(av_frame_get_buffer(frame.get(), 0), "allocate samples");
  av_samples_set_silence(frame.frame_->extended_data, 0, sample_count, layout.channels(),
                         AV_SAMPLE_FMT_FLTP);
  return frame;
}

Frame Frame::Clone() const { return Frame(FramePtr(CheckAllocated(av_frame_clone(frame_.get())))); }

std::optional<std::int64_t> Frame::pts() const {
  if (frame_->pts == AV_NOPTS_VALUE) return std::nullopt;
  return frame_->pts;
}

std::string Frame::pixel_format() const {
  return PixelFormatName(static_cast<AVPixelFormat>(frame_->format));
}

FieldOrder Frame::field_order() const {
  if (!IsInterlaced(*frame_)) return FieldOrder::kProgressive;
  return IsTopFieldFirst(*frame_) ? FieldOrder::kTopFirst : FieldOrder::kBottomFirst;
}

void Frame::TakeRangeOutOfFormat() {
  const auto format = static_cast<AVPixelFormat>(frame_->format);
  if (WithoutRange(format) == format) return;
  frame_->format = WithoutRange(format);
  frame_->color_range = AVCOL_RANGE_JPEG;
}

Colour Frame::colour() const {
  return ColourOf(frame_->color_range, frame_->color_primaries, frame_->color_trc,
                  frame_->colorspace, frame_->chroma_location);
}

void Frame::SetColour(const Colour& colour) {
  frame_->color_range = ToAvColorRange(colour);
  frame_->color_primaries = static_cast<AVColorPrimaries>(colour.primaries);
  frame_->color_trc = static_cast<AVColorTransferCharacteristic>(colour.transfer);
  frame_->colorspace = static_cast<AVColorSpace>(colour.matrix);
  frame_->chroma_location = static_cast<AVChromaLocation>(colour.chroma_location);
}

Rational Frame::sample_aspect_ratio() const { return FromAvRational(frame_->sample_aspect_ratio); }

void Frame::SetSampleAspectRatio(const Rational& ratio) {
  frame_->sample_aspect_ratio = ToAvRational(ratio);
}

std::span<const std::uint8_t> Frame::row(int plane, int row) const {
  return {frame_->data[plane] + std::ptrdiff_t{row} * frame_->linesize[plane], RowBytes(plane)};
}

std::span<std::uint8_t> Frame::mutable_row(int plane, int row) {
  MakeWritable();
  return {frame_->data[plane] + std::ptrdiff_t{row} * frame_->linesize[plane], RowBytes(plane)};
}

bool Frame::ShowsTheSame(const Frame& other) const {
  if (width() != other.width() || height() != other.height() ||
      frame_->format != other.frame_->format) {
    return false;
  }
  const AVPixFmtDescriptor* format =
      av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame_->format));
  const int planes = av_pix_fmt_count_planes(static_cast<AVPixelFormat>(frame_->format));
  for (int plane = 0; plane < planes; ++plane) {
    const bool chroma = plane == 1 || plane == 2;
    const int rows = chroma ? AV_CEIL_RSHIFT(height(), format->log2_chroma_h) : height();
    for (int i = 0; i < rows; ++i) {
      const std::span<const std::uint8_t> mine = row(plane, i);
      const std::span<const std::uint8_t> others = other.row(plane, i);
      if (!std::equal(mine.begin(), mine.end(), others.begin(), others.end())) return false;
    }
  }
  return true;
}

std::string Frame::sample_format() const {
  return SampleFormatName(static_cast<AVSampleFormat>(frame_->format));
}

std::string Frame::channel_layout() const { return ChannelLayoutName(frame_->ch_layout); }

std::span<const float> Frame::samples(int channel) const {
  return {reinterpret_cast<const float*>(frame_->extended_data[channel]),
          static_cast<std::size_t>(frame_->nb_samples)};
}

std::span<float> Frame::mutable_samples(int channel) {
  MakeWritable();
  return {reinterpret_cast<float*>(frame_->extended_data[channel]),
          static_cast<std::size_t>(frame_->nb_samples)};
}

void Frame::MakeWritable() { Check(av_frame_make_writable(frame_.get()), "copy a frame"); }

std::size_t Frame::RowBytes(int plane) const {
  const int bytes =
      av_image_get_linesize(static_cast<AVPixelFormat>(frame_->format), frame_->width, plane);
  return static_cast<std::size_t>(Check(bytes, "measure a row"));
}

}  // namespace opencut
