#include "media/hdr_metadata.h"

#include <cstdint>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/sei.h"
#include "media/codec_parameters.h"

namespace opencut {
namespace {

constexpr int kChromaticityScale = 50'000;
constexpr int kLuminanceScale = 10'000;

template <typename T>
std::optional<T> ReadAs(const StreamSideData& side_data) {
  if (side_data.bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, side_data.bytes.data(), sizeof(T));
  return value;
}

Chromaticity ToChromaticity(const AVRational (&coordinates)[2]) {
  return {av_q2d(coordinates[0]), av_q2d(coordinates[1])};
}

GradingDisplay ToGradingDisplay(const AVMasteringDisplayMetadata& metadata) {
  GradingDisplay display;
  if (metadata.has_primaries != 0) {
    display.primaries =
        GradingDisplay::Primaries{.red = ToChromaticity(metadata.display_primaries[0]),
                                  .green = ToChromaticity(metadata.display_primaries[1]),
                                  .blue = ToChromaticity(metadata.display_primaries[2]),
                                  .white_point = ToChromaticity(metadata.white_point)};
  }
  if (metadata.has_luminance != 0) {
    display.luminance = GradingDisplay::Luminance{.min = av_q2d(metadata.min_luminance),
                                                  .max = av_q2d(metadata.max_luminance)};
  }
  return display;
}

GradingDisplay ToGradingDisplay(const MasteringDisplay& display) {
  const auto chromaticity = [](const Rational& x, const Rational& y) {
    return Chromaticity{x.ToDouble(), y.ToDouble()};
  };
  return {
      .primaries =
          GradingDisplay::Primaries{.red = chromaticity(display.red_x, display.red_y),
                                    .green = chromaticity(display.green_x, display.green_y),
                                    .blue = chromaticity(display.blue_x, display.blue_y),
                                    .white_point = chromaticity(display.white_x, display.white_y)},
      .luminance = GradingDisplay::Luminance{.min = display.min_luminance.ToDouble(),
                                             .max = display.max_luminance.ToDouble()}};
}

// mastering_display_colour_volume() has its primaries in the order green, blue, red. Nothing for a
// luminance that libav's rationals cannot hold, which is none of a display.
std::optional<MasteringDisplay> ReadMasteringDisplay(ByteView payload) {
  BitReader reader(payload);
  const auto read_point = [&](Rational& x, Rational& y) {
    x = Rational(reader.ReadBits(16), kChromaticityScale);
    y = Rational(reader.ReadBits(16), kChromaticityScale);
  };
  MasteringDisplay display;
  read_point(display.green_x, display.green_y);
  read_point(display.blue_x, display.blue_y);
  read_point(display.red_x, display.red_y);
  read_point(display.white_x, display.white_y);
  const std::uint32_t max = reader.ReadBits(32);
  const std::uint32_t min = reader.ReadBits(32);
  if (max > INT32_MAX || min > INT32_MAX) return std::nullopt;
  display.max_luminance = Rational(max, kLuminanceScale);
  display.min_luminance = Rational(min, kLuminanceScale);
  return display;
}

ContentLight ReadContentLight(ByteView payload) {
  BitReader reader(payload);
  const int max = static_cast<int>(reader.ReadBits(16));
  return {.max_content = max, .max_frame_average = static_cast<int>(reader.ReadBits(16))};
}

void AddHdrFromMessage(const SeiMessage& message, HdrMetadata& hdr) {
  if (message.type == kSeiMasteringDisplay && !hdr.mastering_display) {
    hdr.mastering_display = ReadMasteringDisplay(message.payload);
  } else if (message.type == kSeiContentLight && !hdr.content_light) {
    hdr.content_light = ReadContentLight(message.payload);
  } else if (message.type == kSeiAlternativeTransfer &&
             hdr.preferred_transfer == Colour::kUnspecified && !message.payload.empty()) {
    hdr.preferred_transfer = message.payload.front();
  }
}

}  // namespace

HdrInfo HdrFromContainer(const AVStream& stream) {
  HdrInfo hdr;
  for (const StreamSideData& side_data : GetStreamSideData(stream)) {
    if (side_data.type == AV_PKT_DATA_MASTERING_DISPLAY_METADATA) {
      const auto metadata = ReadAs<AVMasteringDisplayMetadata>(side_data);
      if (metadata) hdr.mastering_display = ToGradingDisplay(*metadata);
    } else if (side_data.type == AV_PKT_DATA_CONTENT_LIGHT_LEVEL) {
      const auto metadata = ReadAs<AVContentLightMetadata>(side_data);
      if (metadata) {
        hdr.content_light = LightLevel{.max = static_cast<int>(metadata->MaxCLL),
                                       .max_average = static_cast<int>(metadata->MaxFALL)};
      }
    } else if (side_data.type == AV_PKT_DATA_DOVI_CONF) {
      hdr.dolby_vision = CodecParameters(stream).dolby_vision();
    }
  }
  return hdr;
}

void AddHdrFromSei(NalCodec codec, ByteView nal, HdrMetadata& hdr) {
  for (const SeiMessage& message : ParseSei(codec, nal)) {
    try {
      AddHdrFromMessage(message, hdr);
    } catch (const Error&) {
      continue;
    }
  }
}

void AddHdrFromSample(NalCodec codec, ByteView sample, NalFraming framing, SampleExtent extent,
                      HdrMetadata& hdr) {
  try {
    NalUnitReader reader(sample, framing, extent);
    while (const std::optional<ByteView> nal = reader.Next()) {
      if (IsSei(codec, *nal)) AddHdrFromSei(codec, *nal, hdr);
    }
  } catch (const Error&) {
    return;
  }
}

void AddCodedHdr(const HdrMetadata& coded, HdrInfo& hdr) {
  if (coded.mastering_display && !hdr.mastering_display) {
    hdr.mastering_display = ToGradingDisplay(*coded.mastering_display);
  }
  if (coded.content_light && !hdr.content_light) {
    hdr.content_light = LightLevel{.max = coded.content_light->max_content,
                                   .max_average = coded.content_light->max_frame_average};
  }
}

}  // namespace opencut
