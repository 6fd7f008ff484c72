#include "media/codec_parameters.h"

#include <algorithm>
#include <cstring>

#include "media/convert.h"

namespace opencut {

namespace {

template <typename T>
std::span<const std::uint8_t> BytesOf(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)};
}

template <typename T>
std::optional<T> ReadAs(const StreamSideData* side_data) {
  if (side_data == nullptr || side_data->bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, side_data->bytes.data(), sizeof(T));
  return value;
}

}  // namespace

CodecParameters::CodecParameters() : parameters_(CheckAllocated(avcodec_parameters_alloc())) {}

CodecParameters::CodecParameters(const AVCodecParameters& parameters) : CodecParameters() {
  Check(avcodec_parameters_copy(parameters_.get(), &parameters), "copy codec parameters");
}

CodecParameters::CodecParameters(const AVStream& stream) : CodecParameters(*stream.codecpar) {
  side_data_ = GetStreamSideData(stream);
}

CodecParameters::CodecParameters(const CodecParameters& other)
    : CodecParameters(*other.parameters_) {
  side_data_ = other.side_data_;
}

CodecParameters& CodecParameters::operator=(const CodecParameters& other) {
  CodecParameters copy(other);
  return *this = std::move(copy);
}

MediaType CodecParameters::type() const {
  switch (parameters_->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
      return MediaType::kVideo;
    case AVMEDIA_TYPE_AUDIO:
      return MediaType::kAudio;
    case AVMEDIA_TYPE_SUBTITLE:
      return MediaType::kSubtitle;
    default:
      return MediaType::kOther;
  }
}

std::string CodecParameters::codec_name() const {
  return parameters_->codec_id == AV_CODEC_ID_NONE ? "" : avcodec_get_name(parameters_->codec_id);
}

std::string CodecParameters::profile_name() const {
  const char* name = avcodec_profile_name(parameters_->codec_id, parameters_->profile);
  return name == nullptr ? "" : name;
}

std::string CodecParameters::pixel_format() const {
  if (type() != MediaType::kVideo) return "";
  return PixelFormatName(static_cast<AVPixelFormat>(parameters_->format));
}

std::string CodecParameters::sample_format() const {
  if (type() != MediaType::kAudio) return "";
  return SampleFormatName(static_cast<AVSampleFormat>(parameters_->format));
}

std::string CodecParameters::channel_layout() const {
  if (type() != MediaType::kAudio || channels() == 0) return "";
  return ChannelLayout(parameters_->ch_layout).name();
}

Rational CodecParameters::sample_aspect_ratio() const {
  return FromAvRational(parameters_->sample_aspect_ratio);
}

Colour CodecParameters::colour() const {
  return ColourOf(parameters_->color_range, parameters_->color_primaries, parameters_->color_trc,
                  parameters_->color_space, parameters_->chroma_location);
}

FieldOrder CodecParameters::field_order() const {
  switch (parameters_->field_order) {
    case AV_FIELD_TT:  // The letters are the field coded first and the one shown first.
    case AV_FIELD_BT:
      return FieldOrder::kTopFirst;
    case AV_FIELD_BB:
    case AV_FIELD_TB:
      return FieldOrder::kBottomFirst;
    default:
      return FieldOrder::kProgressive;
  }
}

void CodecParameters::SetFieldOrder(FieldOrder order) {
  parameters_->field_order = ToAvFieldOrder(order);
}

std::span<const std::uint8_t> CodecParameters::extradata() const {
  return {parameters_->extradata, static_cast<std::size_t>(parameters_->extradata_size)};
}

void CodecParameters::SetExtradata(std::span<const std::uint8_t> bytes) {
  // libav's parsers read beyond the end, by no more than the padding.
  auto* copy = static_cast<std::uint8_t*>(
      CheckAllocated(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE)));
  std::copy(bytes.begin(), bytes.end(), copy);
  av_freep(&parameters_->extradata);
  parameters_->extradata = copy;
  parameters_->extradata_size = static_cast<int>(bytes.size());
}

void CodecParameters::SetCodecTag(std::string_view fourcc) {
  parameters_->codec_tag = 0;
  for (std::size_t i = 0; i < 4 && i < fourcc.size(); ++i) {
    parameters_->codec_tag |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(fourcc[i]))
                              << (8 * i);
  }
}

std::string CodecParameters::codec_tag() const {
  std::string fourcc;
  for (std::uint32_t rest = parameters_->codec_tag; rest != 0; rest >>= 8) {
    fourcc.push_back(static_cast<char>(rest & 0xff));
  }
  return fourcc;
}

std::optional<DisplayMatrix> CodecParameters::display_matrix() const {
  return ReadAs<DisplayMatrix>(Find(AV_PKT_DATA_DISPLAYMATRIX));
}

void CodecParameters::SetDisplayMatrix(const std::optional<DisplayMatrix>& matrix) {
  if (matrix) {
    Replace(AV_PKT_DATA_DISPLAYMATRIX, BytesOf(*matrix));
  } else {
    std::erase_if(side_data_,
                  [](const StreamSideData& s) { return s.type == AV_PKT_DATA_DISPLAYMATRIX; });
  }
}

std::optional<MasteringDisplay> CodecParameters::mastering_display() const {
  const auto libav =
      ReadAs<AVMasteringDisplayMetadata>(Find(AV_PKT_DATA_MASTERING_DISPLAY_METADATA));
  if (!libav || libav->has_primaries == 0 || libav->has_luminance == 0) return std::nullopt;
  const auto& p = libav->display_primaries;
  return MasteringDisplay{.red_x = FromAvRational(p[0][0]),
                          .red_y = FromAvRational(p[0][1]),
                          .green_x = FromAvRational(p[1][0]),
                          .green_y = FromAvRational(p[1][1]),
                          .blue_x = FromAvRational(p[2][0]),
                          .blue_y = FromAvRational(p[2][1]),
                          .white_x = FromAvRational(libav->white_point[0]),
                          .white_y = FromAvRational(libav->white_point[1]),
                          .min_luminance = FromAvRational(libav->min_luminance),
                          .max_luminance = FromAvRational(libav->max_luminance)};
}

void CodecParameters::SetMasteringDisplay(const MasteringDisplay& display) {
  AVMasteringDisplayMetadata libav{};
  libav.display_primaries[0][0] = ToAvRational(display.red_x);
  libav.display_primaries[0][1] = ToAvRational(display.red_y);
  libav.display_primaries[1][0] = ToAvRational(display.green_x);
  libav.display_primaries[1][1] = ToAvRational(display.green_y);
  libav.display_primaries[2][0] = ToAvRational(display.blue_x);
  libav.display_primaries[2][1] = ToAvRational(display.blue_y);
  libav.white_point[0] = ToAvRational(display.white_x);
  libav.white_point[1] = ToAvRational(display.white_y);
  libav.min_luminance = ToAvRational(display.min_luminance);
  libav.max_luminance = ToAvRational(display.max_luminance);
  libav.has_primaries = 1;
  libav.has_luminance = 1;
  Replace(AV_PKT_DATA_MASTERING_DISPLAY_METADATA, BytesOf(libav));
}

std::optional<ContentLight> CodecParameters::content_light() const {
  const auto libav = ReadAs<AVContentLightMetadata>(Find(AV_PKT_DATA_CONTENT_LIGHT_LEVEL));
  if (!libav) return std::nullopt;
  return ContentLight{.max_content = static_cast<int>(libav->MaxCLL),
                      .max_frame_average = static_cast<int>(libav->MaxFALL)};
}

void CodecParameters::SetContentLight(const ContentLight& light) {
  AVContentLightMetadata libav{};
  libav.MaxCLL = static_cast<unsigned>(light.max_content);
  libav.MaxFALL = static_cast<unsigned>(light.max_frame_average);
  Replace(AV_PKT_DATA_CONTENT_LIGHT_LEVEL, BytesOf(libav));
}

std::optional<DolbyVision> CodecParameters::dolby_vision() const {
  const auto libav = ReadAs<AVDOVIDecoderConfigurationRecord>(Find(AV_PKT_DATA_DOVI_CONF));
  if (!libav) return std::nullopt;
  return DolbyVision{.version_major = libav->dv_version_major,
                     .version_minor = libav->dv_version_minor,
                     .profile = libav->dv_profile,
                     .level = libav->dv_level,
                     .rpu_present = libav->rpu_present_flag != 0,
                     .enhancement_layer_present = libav->el_present_flag != 0,
                     .base_layer_present = libav->bl_present_flag != 0,
                     .base_layer_compatibility_id = libav->dv_bl_signal_compatibility_id};
}

void CodecParameters::DropCodingSideData(bool keeps_dolby_vision) {
  std::erase_if(side_data_, [keeps_dolby_vision](const StreamSideData& s) {
    return s.type != AV_PKT_DATA_DISPLAYMATRIX &&
           s.type != AV_PKT_DATA_MASTERING_DISPLAY_METADATA &&
           s.type != AV_PKT_DATA_CONTENT_LIGHT_LEVEL &&
           !(keeps_dolby_vision && s.type == AV_PKT_DATA_DOVI_CONF);
  });
}

std::int64_t CodecParameters::coded_bytes() const {
  std::size_t bytes = extradata().size();
  for (const StreamSideData& side_data : side_data_) bytes += side_data.bytes.size();
  return static_cast<std::int64_t>(bytes);
}

void CodecParameters::CopyTo(AVStream& stream) const {
  Check(avcodec_parameters_copy(stream.codecpar, parameters_.get()), "copy codec parameters");
  ClearStreamSideData(stream);
  for (const StreamSideData& side_data : side_data_) {
    if (!AddStreamSideData(stream, side_data)) throw std::bad_alloc();
  }
}

const StreamSideData* CodecParameters::Find(AVPacketSideDataType type) const {
  const auto found = std::find_if(side_data_.begin(), side_data_.end(),
                                  [type](const StreamSideData& s) { return s.type == type; });
  return found == side_data_.end() ? nullptr : &*found;
}

void CodecParameters::Replace(AVPacketSideDataType type, std::span<const std::uint8_t> bytes) {
  std::erase_if(side_data_, [type](const StreamSideData& s) { return s.type == type; });
  side_data_.push_back({type, {bytes.begin(), bytes.end()}});
}

}  // namespace opencut
