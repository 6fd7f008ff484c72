#include "media/encoder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bitstream/nal_unit.h"
#include "media/coded_header.h"
#include "media/convert.h"
#include "media/log.h"

namespace opencut {

namespace {

// Infinite to x264, x265 and libvpx alike, and far from where their sums of it would overflow.
constexpr int kNoFurtherKeyframe = 1 << 30;

CodecContextPtr MakeContext(const std::string& codec_name) {
  const AVCodec* codec = avcodec_find_encoder_by_name(codec_name.c_str());
  if (codec == nullptr) {
    throw Error(ErrorCode::kPlanUnsupported,
                "this build of libav has no encoder \"" + codec_name + "\"");
  }
  CodecContextPtr context(CheckAllocated(avcodec_alloc_context3(codec)));
  context->opaque = LogOwner();
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return context;
}

void Open(AVCodecContext& context, Dictionary& options, const std::string& codec_name) {
  const int ret = avcodec_open2(&context, context.codec, options.address());
  if (ret == AVERROR_OPTION_NOT_FOUND) {
    Check(ret, "open the encoder " + codec_name, ErrorCode::kPlanUnsupported);
  }
  Check(ret, "open the encoder " + codec_name);
  options.RequireAllTaken("the encoder " + codec_name, ErrorCode::kPlanUnsupported);
}

// `scale` units per 1, as the SEI message counts (H.265, D.2.28).
std::string Units(const Rational& value, std::int64_t scale) {
  return std::to_string(ToTicks(value, Rational(1, scale), Rounding::kNearest));
}

std::string Point(const Rational& x, const Rational& y) {
  return "(" + Units(x, 50000) + "," + Units(y, 50000) + ")";
}

std::string MasteringDisplayText(const MasteringDisplay& d) {
  return "G" + Point(d.green_x, d.green_y) + "B" + Point(d.blue_x, d.blue_y) + "R" +
         Point(d.red_x, d.red_y) + "WP" + Point(d.white_x, d.white_y) + "L(" +
         Units(d.max_luminance, 10000) + "," + Units(d.min_luminance, 10000) + ")";
}

std::string ContentLightText(const ContentLight& light) {
  return std::to_string(light.max_content) + "," + std::to_string(light.max_frame_average);
}

// A list "name=value:name=value" that x264 and x265 take as one option.
class ParameterList {
 public:
  void Add(const std::string& name, const std::string& value) { AddText(name + "=" + value); }
  // A later entry of the same name wins.
  void AddText(const std::string& text) { text_ += (text_.empty() ? "" : ":") + text; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void AddLight(const VideoEncoderOptions& options, const char* display_name,
              const char* content_name, ParameterList& list) {
  if (options.hdr.mastering_display) {
    list.Add(display_name, MasteringDisplayText(*options.hdr.mastering_display));
  }
  if (options.hdr.content_light)
    list.Add(content_name, ContentLightText(*options.hdr.content_light));
}

ParameterList X264Parameters(const VideoEncoderOptions& options) {
  ParameterList list;
  AddLight(options, "mastering-display", "cll", list);
  if (!options.gop_size) list.Add("scenecut", "0");
  // libavcodec tells of it with the first picture, when x264 has numbered that one's fields.
  if (options.field_order == FieldOrder::kBottomFirst) list.Add("bff", "1");
  return list;
}

ParameterList X265Parameters(const VideoEncoderOptions& options) {
  ParameterList list;
  AddLight(options, "master-display", "max-cll", list);
  // libavcodec has x265 say HLG's twice, where the stream itself says it already.
  const int transfer = options.hdr.preferred_transfer;
  list.Add("atc-sei", transfer == Colour::kUnspecified ? "-1" : std::to_string(transfer));
  if (!options.gop_size) list.Add("scenecut", "0");
  // Not handed over by libavcodec. general_level_idc is 30 times the level, x265 counts tenths.
  if (options.level) list.Add("level-idc", std::to_string(*options.level / 3));
  list.Add("pools", std::to_string(options.threads));
  return list;
}

// x264 and x265 know the same presets; asked for another they write to stderr.
void CheckPreset(const std::string& preset) {
  static constexpr const char* kPresets[] = {"ultrafast", "superfast", "veryfast", "faster",
                                             "fast",      "medium",    "slow",     "slower",
                                             "veryslow",  "placebo"};
  if (preset.empty() ||
      std::find(std::begin(kPresets), std::end(kPresets), preset) != std::end(kPresets)) {
    return;
  }
  throw Error(ErrorCode::kPlanUnsupported, "there is no encoder preset \"" + preset + "\"");
}

void SetPrivateOptions(const VideoEncoderOptions& options, Dictionary& dictionary) {
  std::string list_name;
  ParameterList list;
  if (options.codec == "libx264" || options.codec == "libx265") CheckPreset(options.preset);
  if (options.codec == "libx264") {
    list_name = "x264-params";
    list = X264Parameters(options);
  } else if (options.codec == "libx265") {
    list_name = "x265-params";
    list = X265Parameters(options);
  }
  for (const auto& [name, value] : options.private_options) {
    if (name == list_name) {
      list.AddText(value);
    } else {
      dictionary.Set(name, value);
    }
  }
  // x265 does not log through libav but writes to stderr.
  if (options.codec == "libx265") list.Add("log-level", "none");
  if (!list.text().empty()) dictionary.Set(list_name, list.text());
}

void SetShape(const VideoEncoderOptions& options, AVCodecContext& context) {
  context.width = options.width;
  context.height = options.height;
  context.pix_fmt = ParsePixelFormat(options.pixel_format);
  const auto supported = SupportedPixelFormats(*context.codec);
  if (!supported.empty() &&
      std::find(supported.begin(), supported.end(), context.pix_fmt) == supported.end()) {
    throw Error(ErrorCode::kPlanUnsupported,
                "the encoder " + options.codec + " does not take " + options.pixel_format);
  }
  context.sample_aspect_ratio = ToAvRational(options.sample_aspect_ratio);
  context.field_order = ToAvFieldOrder(options.field_order);
  if (options.field_order != FieldOrder::kProgressive) {
    context.flags |= AV_CODEC_FLAG_INTERLACED_DCT;
  }
  const Colour& colour = options.colour;
  context.color_range = ToAvColorRange(colour);
  context.color_primaries = static_cast<AVColorPrimaries>(colour.primaries);
  context.color_trc = static_cast<AVColorTransferCharacteristic>(colour.transfer);
  context.colorspace = static_cast<AVColorSpace>(colour.matrix);
  context.chroma_sample_location = static_cast<AVChromaLocation>(colour.chroma_location);
}

void SetRate(const VideoEncoderOptions& options, AVCodecContext& context) {
  context.time_base = ToAvRational(options.time_base);
  if (options.frame_rate > 0) context.framerate = ToAvRational(options.frame_rate);
  context.gop_size = options.gop_size.value_or(kNoFurtherKeyframe);
  context.flags |= AV_CODEC_FLAG_CLOSED_GOP;
  if (options.b_frames) context.max_b_frames = *options.b_frames;
  if (options.level) context.level = *options.level;
  if (options.bit_rate && !options.crf) context.bit_rate = *options.bit_rate;
  // libx265 would make this many frame threads; its pool is bounded by its own parameter.
  context.thread_count = options.codec == "libx265" ? 0 : options.threads;
}

AVSampleFormat ChooseSampleFormat(const AVCodec& codec) {
  const auto supported = SupportedSampleFormats(codec);
  if (supported.empty()) return AV_SAMPLE_FMT_FLTP;
  for (AVSampleFormat wanted :
       {AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S32P, AV_SAMPLE_FMT_S32}) {
    if (std::find(supported.begin(), supported.end(), wanted) != supported.end()) return wanted;
  }
  return supported.front();
}

SwrPtr MakeSampleFormatConverter(const AVCodecContext& context) {
  SwrContext* swr = nullptr;
  Check(AllocateSwr(&swr, context.ch_layout, context.sample_fmt, context.sample_rate,
                    context.ch_layout, AV_SAMPLE_FMT_FLTP, context.sample_rate),
        "convert sample formats");
  SwrPtr converter(swr);
  Check(swr_init(swr), "convert sample formats");
  return converter;
}

Bytes WithoutParameterSets(ByteView annex_b) {
  Bytes kept;
  for (const ByteView nal : SplitNalUnits(annex_b, kAnnexB)) {
    if (IsParameterSet(NalCodec::kHevc, nal)) continue;
    kept.insert(kept.end(), {0, 0, 0, 1});
    kept.insert(kept.end(), nal.begin(), nal.end());
  }
  return kept;
}

}  // namespace

Encoder::Encoder(const VideoEncoderOptions& options)
    : context_(MakeContext(options.codec)), time_base_(options.time_base), hdr_(options.hdr) {
  SetShape(options, *context_);
  SetRate(options, *context_);
  Dictionary dictionary;
  if (options.crf) dictionary.Set("crf", std::to_string(*options.crf));
  if (!options.preset.empty()) dictionary.Set("preset", options.preset);
  if (!options.tune.empty()) dictionary.Set("tune", options.tune);
  if (!options.profile.empty()) dictionary.Set("profile", options.profile);
  SetPrivateOptions(options, dictionary);
  Open(*context_, dictionary, options.codec);
  // libx265 does not tell libavcodec.
  if (const auto header = ReadCodedVideoHeader(parameters().get())) {
    context_->has_b_frames = header->reorder_depth;
  }
}

Encoder::Encoder(const AudioEncoderOptions& options)
    : context_(MakeContext(options.codec)), time_base_(1, options.sample_rate) {
  const ChannelLayout layout(options.channel_layout);
  context_->sample_rate = options.sample_rate;
  Check(av_channel_layout_copy(&context_->ch_layout, &layout.get()), "copy a channel layout");
  context_->sample_fmt = ChooseSampleFormat(*context_->codec);
  context_->time_base = ToAvRational(time_base_);
  if (options.bit_rate) context_->bit_rate = *options.bit_rate;
  Dictionary dictionary(options.private_options);
  Open(*context_, dictionary, options.codec);
  if (context_->sample_fmt != AV_SAMPLE_FMT_FLTP) {
    to_sample_format_ = MakeSampleFormatConverter(*context_);
  }
}

bool Encoder::Send(const Frame& frame) {
  const Frame prepared =
      context_->codec_type == AVMEDIA_TYPE_VIDEO ? PreparedVideo(frame) : PreparedAudio(frame);
  const int ret = avcodec_send_frame(context_.get(), prepared.get());
  if (ret == AVERROR(EAGAIN)) return false;
  Check(ret, "encode");
  if (frame.pts()) durations_[*frame.pts()] = frame.duration();
  return true;
}

Frame Encoder::PreparedVideo(const Frame& frame) const {
  if (frame.width() != context_->width || frame.height() != context_->height ||
      frame.get()->format != context_->pix_fmt) {
    throw Error(ErrorCode::kExec, "a picture to be encoded has not the shape of its stream");
  }
  Frame prepared = frame.Clone();
  // Else a keyframe of the source would become one of the output.
  prepared.get()->pict_type = AV_PICTURE_TYPE_NONE;
  ClearKeyFrame(*prepared.get());
  const bool codes_fields = (context_->flags & AV_CODEC_FLAG_INTERLACED_DCT) != 0;
  if (codes_fields && frame.field_order() == FieldOrder::kProgressive) {
    SetFields(*prepared.get(), true, context_->field_order == AV_FIELD_TT);
  }
  return prepared;
}

Frame Encoder::PreparedAudio(const Frame& frame) const {
  if (frame.get()->format != AV_SAMPLE_FMT_FLTP || frame.sample_rate() != context_->sample_rate ||
      av_channel_layout_compare(&frame.get()->ch_layout, &context_->ch_layout) != 0) {
    throw Error(ErrorCode::kExec, "sound to be encoded has not the format of its stream");
  }
  if (to_sample_format_ == nullptr) return frame.Clone();
  Frame converted;
  Check(av_frame_copy_props(converted.get(), frame.get()), "copy a frame");
  converted.get()->format = context_->sample_fmt;
  converted.get()->sample_rate = context_->sample_rate;
  Check(av_channel_layout_copy(&converted.get()->ch_layout, &context_->ch_layout),
        "copy a channel layout");
  Check(swr_convert_frame(to_sample_format_.get(), converted.get(), frame.get()),
        "convert sample formats");
  return converted;
}

void Encoder::Drain() {
  // libav does not take the end while a frame waits.
  while (auto packet = ReceiveFromCodec()) ready_.push_back(std::move(*packet));
  Check(avcodec_send_frame(context_.get(), nullptr), "drain the encoder");
}

std::optional<Packet> Encoder::Receive() {
  if (ready_.empty()) return ReceiveFromCodec();
  Packet packet = std::move(ready_.front());
  ready_.pop_front();
  return packet;
}

std::optional<Packet> Encoder::ReceiveFromCodec() {
  Packet packet;
  const int ret = avcodec_receive_packet(context_.get(), packet.get());
  if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF) return std::nullopt;
  Check(ret, "encode");
  // x265 puts its parameter sets in front of every HDR10 message, whatever it is told.
  const bool holds_sets = hdr_.mastering_display || hdr_.content_light;
  if (holds_sets && packet.keyframe() && context_->codec_id == AV_CODEC_ID_HEVC) {
    packet.ReplaceBytes(WithoutParameterSets(packet.bytes()));
  }
  if (const auto sent = durations_.find(packet.get()->pts); sent != durations_.end()) {
    if (packet.duration() == 0) packet.SetDuration(sent->second);
    durations_.erase(sent);
  }
  return packet;
}

std::span<const std::uint8_t> Encoder::extradata() const {
  return {context_->extradata, static_cast<std::size_t>(context_->extradata_size)};
}

CodecParameters Encoder::parameters() const {
  CodecParameters parameters;
  Check(avcodec_parameters_from_context(&parameters.get(), context_.get()),
        "copy codec parameters");
  if (hdr_.mastering_display) parameters.SetMasteringDisplay(*hdr_.mastering_display);
  if (hdr_.content_light) parameters.SetContentLight(*hdr_.content_light);
  return parameters;
}

}  // namespace opencut
