// A decoded picture, or a stretch of sound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "media/libav_ptr.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

// Move-only owner of one AVFrame. Times are in the time base of whoever made it; the frame does not
// carry it. A moved-from frame may only be assigned or destroyed.
class Frame {
 public:
  Frame();
  // REQUIRES: not null.
  explicit Frame(FramePtr frame) : frame_(std::move(frame)) {}

  // A picture of unspecified content. `pixel_format` by libav's name.
  static Frame Video(int width, int height, const std::string& pixel_format);
  // Silence in planar float. `channel_layout` by libav's name.
  static Frame Audio(int sample_rate, const std::string& channel_layout, int sample_count);

  // A second frame on the same content, which is copied only when one of the two is written to.
  Frame Clone() const;

  std::optional<std::int64_t> pts() const;
  void SetPts(std::optional<std::int64_t> pts) { frame_->pts = pts.value_or(AV_NOPTS_VALUE); }
  std::int64_t duration() const { return FrameDuration(*frame_); }  // 0: unknown.
  void SetDuration(std::int64_t duration) { SetFrameDuration(*frame_, duration); }

  // Pictures.
  int width() const { return frame_->width; }
  int height() const { return frame_->height; }
  std::string pixel_format() const;
  bool keyframe() const { return IsKeyFrame(*frame_); }
  FieldOrder field_order() const;
  void MarkProgressive() { SetFields(*frame_, false, false); }
  // REQUIRES: a picture. Its format becomes one that tells no range.
  void TakeRangeOutOfFormat();
  Colour colour() const;
  void SetColour(const Colour& colour);
  Rational sample_aspect_ratio() const;  // 0: unknown.
  void SetSampleAspectRatio(const Rational& ratio);
  // One row of one plane, padding excluded. REQUIRES: plane and row exist.
  std::span<const std::uint8_t> row(int plane, int row) const;
  // The same, for writing. Copies a picture that a clone shares.
  std::span<std::uint8_t> mutable_row(int plane, int row);
  // Whether the other picture has the same size, pixel format and samples.
  bool ShowsTheSame(const Frame& other) const;

  // Sound.
  int sample_rate() const { return frame_->sample_rate; }  // Hz.
  int sample_count() const { return frame_->nb_samples; }  // Of each channel.
  int channels() const { return frame_->ch_layout.nb_channels; }
  std::string sample_format() const;
  std::string channel_layout() const;
  // REQUIRES: planar float ("fltp"), 0 <= channel < channels().
  std::span<const float> samples(int channel) const;
  // The same, for writing. Copies samples that a clone shares.
  std::span<float> mutable_samples(int channel);

  // For the adapters of this folder.
  const AVFrame* get() const { return frame_.get(); }
  AVFrame* get() { return frame_.get(); }

 private:
  void MakeWritable();
  std::size_t RowBytes(int plane) const;

  FramePtr frame_;
};

}  // namespace opencut
