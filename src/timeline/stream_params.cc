#include "timeline/stream_params.h"

#include <cmath>
#include <numbers>

namespace opencut {
namespace {

bool Agree(int a, int b, int unspecified) { return a == b || a == unspecified || b == unspecified; }

bool SameRange(const Colour& a, const Colour& b) {
  // An unknown range is shown as limited, so it is limited.
  return a.full_range == b.full_range;
}

std::optional<std::string> ColourDifference(const Colour& a, const Colour& b) {
  if (!SameRange(a, b)) return "the colour range differs";
  if (!Agree(a.matrix, b.matrix, Colour::kUnspecified)) return "the colour matrix differs";
  if (!Agree(a.primaries, b.primaries, Colour::kUnspecified)) {
    return "the colour primaries differ";
  }
  if (!Agree(a.transfer, b.transfer, Colour::kUnspecified)) {
    return "the transfer characteristics differ";
  }
  return std::nullopt;
}

// Where a matrix moves the picture to says nothing about how it lies there; no matrix turns
// nothing.
bool SameOrientation(const std::optional<DisplayMatrix>& a, const std::optional<DisplayMatrix>& b) {
  constexpr std::int32_t kOne = 1 << 16;
  constexpr DisplayMatrix kUpright = {kOne, 0, 0, 0, kOne, 0, 0, 0, 1 << 30};
  const DisplayMatrix& left = a ? *a : kUpright;
  const DisplayMatrix& right = b ? *b : kUpright;
  return left[0] == right[0] && left[1] == right[1] && left[3] == right[3] && left[4] == right[4];
}

std::string Size(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

int TransferOf(const VideoParams& params) {
  const int preferred = params.hdr.preferred_transfer;
  return preferred == Colour::kUnspecified ? params.colour.transfer : preferred;
}

enum class Gamut { kTelevision, kP3, kBt2020 };

Gamut GamutOf(int primaries) {
  constexpr int kDciP3 = 11;
  constexpr int kDisplayP3 = 12;
  if (primaries == Colour::kBt2020) return Gamut::kBt2020;
  return primaries == kDciP3 || primaries == kDisplayP3 ? Gamut::kP3 : Gamut::kTelevision;
}

}  // namespace

int RotationDegrees(const DisplayMatrix& matrix) {
  const double radians = std::atan2(static_cast<double>(matrix[1]), static_cast<double>(matrix[0]));
  const int degrees = static_cast<int>(std::lround(radians * 180 / std::numbers::pi));
  return (degrees + 360) % 360;
}

std::optional<std::string> WhyNotShared(const VideoParams& a, const VideoParams& b) {
  if (a.codec != b.codec) return "the codec differs (" + a.codec + ", " + b.codec + ")";
  if (a.coded_width != b.coded_width || a.coded_height != b.coded_height || a.width != b.width ||
      a.height != b.height) {
    return "the picture size differs (" + Size(a.width, a.height) + ", " + Size(b.width, b.height) +
           ")";
  }
  if (a.pixel_format != b.pixel_format || a.bit_depth != b.bit_depth) {
    return "the pixel format differs (" + a.pixel_format + ", " + b.pixel_format + ")";
  }
  if (a.sample_aspect_ratio != b.sample_aspect_ratio) return "the sample aspect ratio differs";
  if (!SameOrientation(a.display_matrix, b.display_matrix)) return "the rotation differs";
  if (a.single_fields != b.single_fields) return "one has fields for pictures, the other has not";
  if (a.interlaced != b.interlaced) return "one is interlaced, the other is not";
  return ColourDifference(a.colour, b.colour);
}

bool SamePicture(const VideoParams& a, const VideoParams& b) {
  return a.width == b.width && a.height == b.height &&
         a.sample_aspect_ratio == b.sample_aspect_ratio && a.display_matrix == b.display_matrix;
}

Colour MeantColour(const VideoParams& params, const VideoParams& other) {
  const bool as_other = params.pixel_format == other.pixel_format;
  const auto first_known = [&](int own, int of_other, int usual) {
    if (own != Colour::kUnspecified) return own;
    return as_other && of_other != Colour::kUnspecified ? of_other : usual;
  };
  Colour meant = params.colour;
  meant.transfer = first_known(TransferOf(params), TransferOf(other), Colour::kBt709);
  const int usual = IsHdr(meant) ? Colour::kBt2020 : Colour::kBt709;
  meant.primaries = first_known(params.colour.primaries, other.colour.primaries, usual);
  meant.matrix = first_known(params.colour.matrix, other.colour.matrix, usual);
  return meant;
}

bool IsHdr(const Colour& colour) {
  return colour.transfer == Colour::kPq || colour.transfer == Colour::kHlg;
}

bool ShowsOtherLight(const VideoParams& a, const VideoParams& b) {
  const Colour one = MeantColour(a, b);
  const Colour other = MeantColour(b, a);
  const bool differs = one.transfer != other.transfer && (IsHdr(one) || IsHdr(other));
  return differs || GamutOf(one.primaries) != GamutOf(other.primaries);
}

bool AssumedColour(const VideoParams& a, const VideoParams& b) {
  return a.colour.matrix != b.colour.matrix || a.colour.primaries != b.colour.primaries ||
         a.colour.transfer != b.colour.transfer;
}

}  // namespace opencut
