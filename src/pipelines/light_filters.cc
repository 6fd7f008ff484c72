#include "pipelines/light_filters.h"

#include <algorithm>

#include "media/filter_graph.h"

namespace opencut {
namespace {

constexpr int kReferenceWhite = 203;  // cd/m2 (BT.2408, 2.2).
// What HLG is shown at, and what PQ is graded for where it does not say.
constexpr int kUsualPeak = 1000;  // cd/m2.

std::string Range(const Colour& colour) { return colour.full_range ? "full" : "limited"; }

std::string ZscaleFrom(const Colour& colour) {
  return "zscale=npl=" + std::to_string(kReferenceWhite) +
         ":tin=" + std::to_string(colour.transfer) + ":pin=" + std::to_string(colour.primaries) +
         ":min=" + std::to_string(colour.matrix) + ":rin=" + Range(colour);
}

std::string To(const Colour& colour) {
  return ":t=" + std::to_string(colour.transfer) + ":p=" + std::to_string(colour.primaries) +
         ":m=" + std::to_string(colour.matrix) + ":r=" + Range(colour);
}

// The brightest light, in units of reference white. Of two values, the content's own counts.
std::string Peak(const VideoParams& video, const Colour& meant) {
  Rational peak = kUsualPeak;
  if (meant.transfer == Colour::kPq) {
    if (video.hdr.mastering_display) peak = video.hdr.mastering_display->max_luminance;
    if (video.hdr.content_light && video.hdr.content_light->max_content > 0) {
      peak = video.hdr.content_light->max_content;
    }
  }
  peak = std::max(peak, Rational(kReferenceWhite));
  return std::to_string((peak / Rational(kReferenceWhite)).ToDouble());
}

}  // namespace

bool CanConvertLight() { return HasFilter("zscale") && HasFilter("tonemap"); }

std::vector<std::string> LightFilters(const VideoParams& from, const VideoParams& to,
                                      const std::string& pixel_format) {
  const Colour source = MeantColour(from, to);
  const Colour output = MeantColour(to, from);
  const std::string format = "format=" + pixel_format;
  if (!IsHdr(source) || IsHdr(output)) return {ZscaleFrom(source) + To(output), format};
  // Mobius leaves what is darker than a third of reference white as it is.
  return {ZscaleFrom(source) + ":t=linear:p=" + std::to_string(output.primaries),
          "format=gbrpf32le", "tonemap=mobius:desat=0:peak=" + Peak(from, source),
          "zscale=tin=linear:pin=" + std::to_string(output.primaries) + To(output), format};
}

}  // namespace opencut
