// What a container says of one stream: codec, shape, extradata and stream side data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/libav_ptr.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

enum class MediaType { kVideo, kAudio, kSubtitle, kOther };

// Copyable value; a copy shares nothing. A moved-from one may only be assigned or destroyed.
class CodecParameters {
 public:
  CodecParameters();
  explicit CodecParameters(const AVCodecParameters& parameters);
  // With the stream's side data.
  explicit CodecParameters(const AVStream& stream);
  CodecParameters(const CodecParameters& other);
  CodecParameters& operator=(const CodecParameters& other);
  CodecParameters(CodecParameters&&) noexcept = default;
  CodecParameters& operator=(CodecParameters&&) noexcept = default;

  MediaType type() const;
  // libav's names: "h264", "High", "yuv420p", "fltp", "stereo". "" when unknown.
  std::string codec_name() const;
  std::string profile_name() const;
  std::string pixel_format() const;
  std::string sample_format() const;
  std::string channel_layout() const;
  int level() const { return parameters_->level; }  // As coded in the stream; negative: unknown.
  int width() const { return parameters_->width; }
  int height() const { return parameters_->height; }
  Rational sample_aspect_ratio() const;  // 0: unknown.
  Colour colour() const;
  // Where the container does not say, progressive.
  FieldOrder field_order() const;
  void SetFieldOrder(FieldOrder order);
  int reorder_depth() const { return parameters_->video_delay; }
  int sample_rate() const { return parameters_->sample_rate; }  // Hz.
  int channels() const { return parameters_->ch_layout.nb_channels; }
  int frame_size() const { return parameters_->frame_size; }            // Samples; 0: it varies.
  int initial_padding() const { return parameters_->initial_padding; }  // Samples.
  std::int64_t bit_rate() const { return parameters_->bit_rate; }  // Bits per second; 0: unknown.

  // Valid until the next setter call.
  std::span<const std::uint8_t> extradata() const;
  void SetExtradata(std::span<const std::uint8_t> bytes);

  // Four characters ("avc1", "hvc1"), or "" to let the muxer choose.
  void SetCodecTag(std::string_view fourcc);
  std::string codec_tag() const;

  std::optional<DisplayMatrix> display_matrix() const;
  void SetDisplayMatrix(const std::optional<DisplayMatrix>& matrix);

  std::optional<MasteringDisplay> mastering_display() const;
  void SetMasteringDisplay(const MasteringDisplay& display);
  std::optional<ContentLight> content_light() const;
  void SetContentLight(const ContentLight& light);
  std::optional<DolbyVision> dolby_vision() const;

  // Bitrate hints and the like describe the stream as it was coded; a stream that mixes it with
  // other packets drops all side data but display matrix, mastering display and content light, and
  // Dolby Vision configuration only where `keeps_dolby_vision`.
  void DropCodingSideData(bool keeps_dolby_vision = false);

  // Size of extradata and side data.
  std::int64_t coded_bytes() const;

  // For the adapters of this folder.
  const AVCodecParameters& get() const { return *parameters_; }
  AVCodecParameters& get() { return *parameters_; }
  // Writes everything, side data included, into a stream of an output context.
  void CopyTo(AVStream& stream) const;

 private:
  const StreamSideData* Find(AVPacketSideDataType type) const;
  void Replace(AVPacketSideDataType type, std::span<const std::uint8_t> bytes);

  CodecParametersPtr parameters_;
  std::vector<StreamSideData> side_data_;
};

}  // namespace opencut
