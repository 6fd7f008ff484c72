#include "media/hdr_metadata.h"

#include <cstring>
#include <optional>
#include <vector>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/sei.h"

namespace opencut {
namespace {

// payloadType of H.264 and HEVC alike (D.1.29, D.2.28 and D.1.31, D.2.35).
constexpr int kSeiMasteringDisplay = 137;
constexpr int kSeiContentLight = 144;

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

DolbyVisionInfo ToDolbyVision(const AVDOVIDecoderConfigurationRecord& record) {
  return {.version_major = record.dv_version_major,
          .version_minor = record.dv_version_minor,
          .profile = record.dv_profile,
          .level = record.dv_level,
          .rpu_present = record.rpu_present_flag != 0,
          .enhancement_layer_present = record.el_present_flag != 0,
          .base_layer_present = record.bl_present_flag != 0,
          .base_layer_compatibility_id = record.dv_bl_signal_compatibility_id};
}

// mastering_display_colour_volume(): primaries in steps of 0.00002, in the order green, blue, red;
// luminance in steps of 0.0001 cd/m2.
GradingDisplay ReadMasteringDisplay(ByteView payload) {
  BitReader reader(payload);
  const auto chromaticity = [&] {
    const double x = reader.ReadBits(16) / 50000.0;
    const double y = reader.ReadBits(16) / 50000.0;
    return Chromaticity{x, y};
  };
  GradingDisplay::Primaries primaries;
  primaries.green = chromaticity();
  primaries.blue = chromaticity();
  primaries.red = chromaticity();
  primaries.white_point = chromaticity();
  GradingDisplay::Luminance luminance;
  luminance.max = reader.ReadBits(32) / 10000.0;
  luminance.min = reader.ReadBits(32) / 10000.0;
  return {.primaries = primaries, .luminance = luminance};
}

LightLevel ReadContentLight(ByteView payload) {
  BitReader reader(payload);
  const int max = static_cast<int>(reader.ReadBits(16));
  return {.max = max, .max_average = static_cast<int>(reader.ReadBits(16))};
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
      const auto record = ReadAs<AVDOVIDecoderConfigurationRecord>(side_data);
      if (record) hdr.dolby_vision = ToDolbyVision(*record);
    }
  }
  return hdr;
}

void AddHdrFromSei(NalCodec codec, ByteView nal, HdrInfo& hdr) {
  try {
    for (const SeiMessage& message : ParseSei(codec, nal)) {
      if (message.type == kSeiMasteringDisplay && !hdr.mastering_display) {
        hdr.mastering_display = ReadMasteringDisplay(message.payload);
      } else if (message.type == kSeiContentLight && !hdr.content_light) {
        hdr.content_light = ReadContentLight(message.payload);
      }
    }
  } catch (const Error&) {
    return;
  }
}

void AddHdrFromSample(NalCodec codec, ByteView sample, NalFraming framing, HdrInfo& hdr) {
  try {
    for (const ByteView nal : SplitNalUnits(sample, framing)) {
      if (IsSei(codec, nal)) AddHdrFromSei(codec, nal, hdr);
    }
  } catch (const Error&) {
    return;
  }
}

}  // namespace opencut
