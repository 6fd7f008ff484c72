#include "pipelines/encoder_settings.h"

#include <string>

namespace opencut {
namespace {

struct Quality {
  const char* preset;
  double crf;
  // In a still scene the source spends nearly all on its I picture, and each stretch has one of its
  // own: at the usual quality it would be twice as large as the source's. There this leaves every
  // plane above 38 dB.
  double still_scene_crf;
};
// Measured on camera footage (ARCHITECTURE.md, "Encoder settings"): the least work that keeps every
// plane above 38 dB at less than 1.5 times the source's bytes per frame.
constexpr Quality kX264{.preset = "veryfast", .crf = 19, .still_scene_crf = 24};
constexpr Quality kX265{.preset = "ultrafast", .crf = 20, .still_scene_crf = 22};

const Quality& QualityOf(const std::string& codec) { return codec == "libx265" ? kX265 : kX264; }

constexpr double kStillSceneShare = 0.75;
// Fewer packets do not tell whether a scene is still.
constexpr std::int64_t kTellingPackets = 8;

bool InStillScene(const VideoStep& step) {
  return step.end_ordinal - step.first_ordinal >= kTellingPackets &&
         static_cast<double>(step.first_bytes) >
             kStillSceneShare * static_cast<double>(step.source_bytes);
}

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
  encoder.hdr = video.shape.hdr;
  encoder.time_base = video.time_base;
  encoder.frame_rate = video.shape.frame_rate;
  encoder.threads = threads;
  return encoder;
}

}  // namespace

VideoEncoderOptions BesideCopies(const Plan& plan, const ExportOptions& options,
                                 const IdMapping& ids, FieldOrder order, int threads) {
  VideoEncoderOptions encoder = InShape(plan.video, threads);
  encoder.field_order = order;
  encoder.preset = options.preset.value_or(QualityOf(encoder.codec).preset);
  encoder.crf = options.crf.value_or(QualityOf(encoder.codec).crf);
  encoder.b_frames = 0;
  encoder.gop_size.reset();
  if (encoder.codec == "libx265") {
    // Nothing that a slice header would have to agree with the source's sets about. Stretches are
    // encoded side by side; frames in flight within one would only take memory.
    encoder.private_options = {
        {"x265-params", "repeat-headers=0:info=0:aud=0:hrd=0:open-gop=0:frame-threads=1"}};
    return encoder;
  }
  if (plan.video.shape.level > 0) encoder.level = plan.video.shape.level;
  // A longer look ahead buys nothing in stretches this short, and holds 13 MB a frame at 1080p.
  // Stitchable: the parameter sets do not depend on the quality asked for.
  encoder.private_options = {
      {"x264-params", "sps-id=" + std::to_string(ids.sps.empty() ? 0 : ids.sps.begin()->first) +
                          ":stitchable=1:scenecut=0:rc-lookahead=4"}};
  return encoder;
}

void AllowForStillScene(VideoEncoderOptions& encoder, const VideoStep& step) {
  if (InStillScene(step)) encoder.crf = QualityOf(encoder.codec).still_scene_crf;
}

VideoEncoderOptions WholeOutput(const Plan& plan, const ExportOptions& options, int threads) {
  VideoEncoderOptions encoder = InShape(plan.video, threads);
  encoder.field_order = plan.video.shape.field_order;
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
