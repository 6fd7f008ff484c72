#include "media/stream_light.h"

#include <cmath>
#include <vector>

#include "media/hdr_metadata.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

// The steps in which SEI give them (HEVC, D.3.28).
Rational ChromaticityOf(double value) { return Rational(std::llround(value * 50'000), 50'000); }
Rational LuminanceOf(double value) { return Rational(std::llround(value * 10'000), 10'000); }

std::optional<MasteringDisplay> DisplayOf(const std::optional<GradingDisplay>& display) {
  if (!display || !display->primaries || !display->luminance) return std::nullopt;
  const GradingDisplay::Primaries& at = *display->primaries;
  return MasteringDisplay{.red_x = ChromaticityOf(at.red.x),
                          .red_y = ChromaticityOf(at.red.y),
                          .green_x = ChromaticityOf(at.green.x),
                          .green_y = ChromaticityOf(at.green.y),
                          .blue_x = ChromaticityOf(at.blue.x),
                          .blue_y = ChromaticityOf(at.blue.y),
                          .white_x = ChromaticityOf(at.white_point.x),
                          .white_y = ChromaticityOf(at.white_point.y),
                          .min_luminance = LuminanceOf(display->luminance->min),
                          .max_luminance = LuminanceOf(display->luminance->max)};
}

// Of its SEI alone.
HdrInfo InStream(SourceFile& source) {
  HdrInfo hdr;
  const std::optional<Extradata> headers = HeadersOf(*source.video_params());
  if (!headers) return hdr;
  const NalCodec codec = headers->sets.codec;
  for (const Bytes& sei : headers->sets.sei) AddHdrFromSei(codec, sei, hdr);
  if (hdr.mastering_display && hdr.content_light) return hdr;
  for (const Packet& packet : source.ReadPictures(0, 1)) {
    AddHdrFromSample(codec, packet.bytes(), headers->framing, hdr);
  }
  return hdr;
}

}  // namespace

StreamLight LightOf(SourceFile& source) {
  const CodecParameters& container = source.picture()->parameters;
  StreamLight light{container.mastering_display(), container.content_light()};
  if (light.mastering_display && light.content_light) return light;
  const HdrInfo hdr = InStream(source);
  if (!light.mastering_display) light.mastering_display = DisplayOf(hdr.mastering_display);
  if (!light.content_light && hdr.content_light) {
    light.content_light = ContentLight{.max_content = hdr.content_light->max,
                                       .max_frame_average = hdr.content_light->max_average};
  }
  return light;
}

}  // namespace opencut
