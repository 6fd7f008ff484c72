// Encodes one stream: frames in, in pts order; packets out, in dts order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "media/codec_parameters.h"
#include "media/dictionary.h"
#include "media/frame.h"
#include "media/libav_ptr.h"
#include "media/packet.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

// GOPs are always closed, parameter sets always in the extradata and not in the packets.
struct VideoEncoderOptions {
  std::string codec = {};  // libavcodec's name: "libx264", "libx265", "libvpx-vp9".
  int width = 0;
  int height = 0;
  std::string pixel_format = "yuv420p";
  Rational sample_aspect_ratio = 1;
  // libx264 only: frames are coded as two fields each, in this order, which is that of all frames
  // that are interlaced.
  FieldOrder field_order = FieldOrder::kProgressive;
  Colour colour = {};
  // libx265, and libx264 without the transfer, write it as SEI before every keyframe.
  HdrMetadata hdr = {};
  Rational time_base = 0;   // Of the frames, and so of the packets.
  Rational frame_rate = 0;  // Nominal, for rate control and the stream's header; 0: unknown.
  // Both unset: the encoder's default. Of the two, crf counts.
  std::optional<double> crf = {};
  std::optional<std::int64_t> bit_rate = {};  // Bits per second.
  std::string preset = {};                    // "" is the encoder's default; so with the next two.
  std::string tune = {};
  std::string profile = {};
  std::optional<int> level = {};  // As coded: 41 is H.264's 4.1, 123 HEVC's 4.1.
  // The largest distance of keyframes, in frames; a scene change may bring one earlier. Unset: the
  // first frame is the only keyframe.
  std::optional<int> gop_size = 250;
  std::optional<int> b_frames = {};  // In a row at most; unset: the encoder's default.
  int threads = 1;
  Options private_options = {};  // The encoder's own, as in {{"x264-params", "sps-id=3"}}.
};

struct AudioEncoderOptions {
  std::string codec = {};                     // libavcodec's name: "aac", "libopus", "flac".
  int sample_rate = 0;                        // Hz.
  std::string channel_layout = {};            // libav's name: "stereo".
  std::optional<std::int64_t> bit_rate = {};  // Bits per second; unset: the encoder's default.
  Options private_options = {};
};

// Not thread-safe. Once drained it is done: libx264 and others cannot start again.
class Encoder {
 public:
  // Throws Error(kPlanUnsupported) when this libav has no such encoder or it does not know an
  // option, Error(kExec) when it refuses the values.
  explicit Encoder(const VideoEncoderOptions& options);
  // Time base: 1 / sample_rate. Takes planar float, whatever the encoder itself takes.
  explicit Encoder(const AudioEncoderOptions& options);

  // Hands over one frame; the first becomes a keyframe, the type the others had in their source
  // does not matter. False: the encoder is full; Receive() until it returns nothing, then send this
  // frame again. Throws Error(kExec) when its shape is not the options'. REQUIRES: a pts above that
  // of the frame before. Sound: frame_size() samples, fewer only in the last frame.
  [[nodiscard]] bool Send(const Frame& frame);
  // Declares the end of input; what is held back comes out of the next Receive() calls.
  void Drain();
  // The next packet, with the duration of the frame it came from. Nothing means: send more, or,
  // after Drain(), that all are out.
  [[nodiscard]] std::optional<Packet> Receive();

  // Complete from the constructor on; valid as long as the encoder.
  std::span<const std::uint8_t> extradata() const;
  // For the muxer; with side data for what the options say of light.
  CodecParameters parameters() const;
  // How many packets a picture may wait for before it is shown.
  int reorder_depth() const { return context_->has_b_frames; }
  // Samples of each frame to be sent; 0: any number.
  int frame_size() const { return context_->frame_size; }
  // Samples at the start of what a decoder makes of the packets that were not in the frames.
  int initial_padding() const { return context_->initial_padding; }
  const Rational& time_base() const { return time_base_; }

 private:
  // As Receive(), straight from libav.
  std::optional<Packet> ReceiveFromCodec();
  Frame PreparedVideo(const Frame& frame) const;
  Frame PreparedAudio(const Frame& frame) const;

  CodecContextPtr context_;
  Rational time_base_;
  SwrPtr to_sample_format_;  // Null: the encoder takes planar float itself.
  HdrMetadata hdr_;
  std::deque<Packet> ready_;                        // Taken out by Drain().
  std::map<std::int64_t, std::int64_t> durations_;  // Of the frames inside, by pts.
};

}  // namespace opencut
