#include "pipelines/encoder_settings.h"

namespace opencut {
namespace {

// Measured on camera footage (ARCHITECTURE.md, "Encoder settings"): the least work that keeps every
// plane above 38 dB at less than 1.5 times the source's bytes per frame.
constexpr const char* kBesideCopiesPreset = "veryfast";
constexpr double kBesideCopiesCrf = 19;

constexpr const char* kWholePreset = "fast";
constexpr double kH264Crf = 18;
constexpr double kH265Crf = 20;
constexpr double kVp9Crf = 31;

VideoEncoderOptions InShape(const PlannedVideo& video, int threads) {
  VideoEncoderOptions encoder;
  encoder.codec = video.encoder;
  encoder.width = video.shape.width;
  encoder.height = video.shape.height;
  encoder.pixel_format = video.shape.pixel_format;
  encoder.sample_aspect_ratio = video.shape.sample_aspect_ratio;
  encoder.colour = video.shape.colour;
  encoder.time_base = video.time_base;
  encoder.frame_rate = video.shape.frame_rate;
  encoder.threads = threads;
  return encoder;
}

}  // namespace

VideoEncoderOptions BesideCopies(const Plan& plan, const ExportOptions& options, int parameter_id,
                                 int threads) {
  VideoEncoderOptions encoder = InShape(plan.video, threads);
  encoder.preset = options.preset.value_or(kBesideCopiesPreset);
  encoder.crf = options.crf.value_or(kBesideCopiesCrf);
  encoder.b_frames = 0;
  encoder.gop_size.reset();
  // A longer look ahead buys nothing in stretches this short, and holds 13 MB a frame at 1080p.
  encoder.private_options = {
      {"x264-params", "sps-id=" + std::to_string(parameter_id) + ":scenecut=0:rc-lookahead=4"}};
  return encoder;
}

VideoEncoderOptions WholeOutput(const Plan& plan, const ExportOptions& options, int threads) {
  VideoEncoderOptions encoder = InShape(plan.video, threads);
  const bool vp9 = encoder.codec == "libvpx-vp9";
  if (vp9) {
    encoder.private_options = {{"deadline", "good"}, {"cpu-used", "4"}, {"row-mt", "1"}};
  } else {
    encoder.preset = options.preset.value_or(kWholePreset);
  }
  if (options.video_bit_rate) {
    encoder.bit_rate = options.video_bit_rate;
  } else {
    const double usual = vp9 ? kVp9Crf : encoder.codec == "libx265" ? kH265Crf : kH264Crf;
    encoder.crf = options.crf.value_or(usual);
  }
  return encoder;
}

AudioEncoderOptions SoundEncoding(const PlannedAudio& audio, std::int64_t bit_rate) {
  AudioEncoderOptions encoder;
  encoder.codec = audio.codec == "opus" ? "libopus" : audio.codec;
  encoder.sample_rate = audio.sample_rate;
  encoder.channel_layout = audio.channel_layout;
  encoder.bit_rate = bit_rate;
  return encoder;
}

}  // namespace opencut
