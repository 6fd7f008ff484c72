// What is known of a stream before any of its packets is read, as plain values, and which
// differences forbid two streams to share one copied output stream.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "timeline/rational.h"

namespace opencut {

// Code points of ISO/IEC 23091-2 (H.273); 2 means unspecified. They are libav's values as well.
struct Colour {
  static constexpr int kUnspecified = 2;
  static constexpr int kBt709 = 1;  // Primaries, transfer and matrix alike.
  static constexpr int kPq = 16;    // Transfer, as kHlg.
  static constexpr int kHlg = 18;
  static constexpr int kBt2020 = 9;  // Primaries and matrix; the latter non-constant luminance.

  bool full_range = false;
  bool range_known = false;
  int primaries = kUnspecified;
  int transfer = kUnspecified;
  int matrix = kUnspecified;
  int chroma_location = 0;  // libav's AVChromaLocation; 0 is unspecified.

  friend bool operator==(const Colour&, const Colour&) = default;
};

// The display a picture was graded on (SMPTE ST 2086). Chromaticities are CIE 1931 x and y,
// luminances cd/m2.
struct MasteringDisplay {
  Rational red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y;
  Rational min_luminance, max_luminance;

  friend bool operator==(const MasteringDisplay&, const MasteringDisplay&) = default;
};

// CTA-861.3, cd/m2; 0 is unknown.
struct ContentLight {
  int max_content = 0;        // MaxCLL.
  int max_frame_average = 0;  // MaxFALL.

  friend bool operator==(const ContentLight&, const ContentLight&) = default;
};

// What a stream says, once for all its pictures, beside their colour.
struct HdrMetadata {
  std::optional<MasteringDisplay> mastering_display;
  std::optional<ContentLight> content_light;
  // The transfer characteristics meant, where the stream names others for displays that do not know
  // these (HLG; H.265, D.2.38).
  int preferred_transfer = Colour::kUnspecified;

  friend bool operator==(const HdrMetadata&, const HdrMetadata&) = default;
};

// The Dolby Vision configuration record of a container.
struct DolbyVision {
  int version_major = 0;
  int version_minor = 0;
  int profile = 0;
  int level = 0;
  bool rpu_present = false;
  bool enhancement_layer_present = false;
  bool base_layer_present = false;
  int base_layer_compatibility_id = 0;  // 0: what an ordinary decoder shows has wrong colours.

  friend bool operator==(const DolbyVision&, const DolbyVision&) = default;
};

// Row-major 3x3 matrix of a track header (ISO/IEC 14496-12, 8.3.2): 16.16 fixed point, the last
// column 2.30.
using DisplayMatrix = std::array<std::int32_t, 9>;

// Clockwise degrees by which a picture must be turned to be shown upright: 0, 90, 180 or 270 for
// the matrices cameras write; other angles are rounded to the nearest degree.
int RotationDegrees(const DisplayMatrix& matrix);

// Which field of a frame was taken first.
enum class FieldOrder { kProgressive, kTopFirst, kBottomFirst };

struct VideoParams {
  std::string codec;    // libav's name: "h264".
  std::string profile;  // libav's name: "High"; empty when unknown.
  int level = 0;        // As coded in the stream; 0 when unknown.
  int width = 0;        // Shown size in luma samples, after cropping.
  int height = 0;
  int coded_width = 0;  // Size of the coded picture.
  int coded_height = 0;
  std::string pixel_format;  // libav's name: "yuv420p".
  int bit_depth = 0;
  Rational sample_aspect_ratio = 1;
  std::optional<DisplayMatrix> display_matrix;
  // A frame may hold two fields: H.264 may be coded as such, other codecs are where the container
  // says so.
  bool interlaced = false;
  FieldOrder field_order = FieldOrder::kProgressive;  // Of the first frame, where interlaced.
  bool single_fields = false;                         // HEVC: each picture is one field.
  Colour colour;
  HdrMetadata hdr;
  std::optional<DolbyVision> dolby_vision;
  Rational frame_rate;    // Nominal, frames per second; 0 when unknown.
  int reorder_depth = 0;  // Largest number of packets a picture waits for before it is shown.
  std::vector<std::uint8_t> extradata;
};

struct AudioParams {
  std::string codec;    // libav's name: "aac".
  std::string profile;  // libav's name: "LC"; empty when unknown.
  int sample_rate = 0;  // Hz.
  int channels = 0;
  std::string channel_layout;  // libav's name: "stereo".
  std::vector<std::uint8_t> extradata;
  // AAC whose frames can be laid beside those of another such stream of the same rate and layout,
  // and beside frames of our own.
  bool can_be_spliced = false;
};

// Why packets of `a` and `b` cannot lie in one stream: the first difference, for people; nothing
// when they can. Frame rate and time base need not agree, and neither do parameter sets: those are
// brought together by their ids. HDR metadata may differ: each source's pictures carry their own.
std::optional<std::string> WhyNotShared(const VideoParams& a, const VideoParams& b);

// Whether pictures of both are stored alike: neither turned nor scaled against each other.
bool SamePicture(const VideoParams& a, const VideoParams& b);

// What a stream's colours are meant to be beside those of `other`. What is unspecified is the
// other's where WhyNotShared would take it so, which the pixel format tells; else that of BT.709,
// or of BT.2020 in HDR.
Colour MeantColour(const VideoParams& params, const VideoParams& other);

// PQ or HLG (ITU-R BT.2100).
bool IsHdr(const Colour& colour);

// Whether pictures of `a` with the numbers of `b` would look different, be it brighter or less
// colourful: one is HDR or another kind of it, or has a wider gamut. The standards of SDR
// television count as one.
bool ShowsOtherLight(const VideoParams& a, const VideoParams& b);

// Whether WhyNotShared took an unspecified colour for the other stream's value.
bool AssumedColour(const VideoParams& a, const VideoParams& b);

}  // namespace opencut
