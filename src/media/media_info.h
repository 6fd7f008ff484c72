// What a media file says about itself, as plain values: those of types/media.d.ts, which says more
// about each. What the file does not say is unset or empty, never made up. Times are seconds on the
// container's own clock, as doubles since they only go into reports.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

using Tags = std::map<std::string, std::string>;

// CIE 1931 x and y, each 0 to 1.
struct Chromaticity {
  double x = 0;
  double y = 0;
};

// The display a picture was graded on (SMPTE ST 2086).
struct GradingDisplay {
  struct Primaries {
    Chromaticity red, green, blue, white_point;
  };
  struct Luminance {  // cd/m2.
    double min = 0;
    double max = 0;
  };
  std::optional<Primaries> primaries;
  std::optional<Luminance> luminance;
};

// CTA-861.3, cd/m2; 0 is unknown.
struct LightLevel {
  int max = 0;          // MaxCLL.
  int max_average = 0;  // MaxFALL.
};

struct HdrInfo {
  std::optional<GradingDisplay> mastering_display;
  std::optional<LightLevel> content_light;
  std::optional<DolbyVision> dolby_vision;

  bool empty() const { return !mastering_display && !content_light && !dolby_vision; }
};

// libav's names: "tv", "bt709", "left"; empty when the file does not say.
struct ColorInfo {
  std::string range;
  std::string space;
  std::string primaries;
  std::string transfer;
  std::string chroma_location;
};

struct VideoInfo {
  int width = 0;  // To show, after cropping.
  int height = 0;
  int coded_width = 0;
  int coded_height = 0;
  std::optional<Rational> sample_aspect_ratio;
  int rotation = 0;       // Degrees, clockwise, in [0, 360).
  bool mirrored = false;  // Left to right, before it is turned.
  std::optional<DisplayMatrix> display_matrix;
  std::string pixel_format;  // libav's name, never a "yuvj": the range stands in `color`.
  int bit_depth = 0;         // 0: unknown.
  ColorInfo color;
  std::string field_order;  // "progressive", "tt", "bb", "tb", "bt".
  HdrInfo hdr;
  std::optional<Rational> average_frame_rate;
  std::optional<Rational> real_frame_rate;
  int reorder_depth = 0;
};

struct AudioInfo {
  int sample_rate = 0;  // Hz.
  int channels = 0;
  std::string channel_layout;  // libav's names, as is the next.
  std::string sample_format;
  int bit_depth = 0;        // Where coding is lossless; 0 elsewhere.
  int initial_padding = 0;  // Samples.
};

enum class StreamType { kVideo, kAudio, kSubtitle, kData, kAttachment, kUnknown };

struct StreamInfo {
  StreamType type = StreamType::kUnknown;
  int index = 0;
  std::optional<int> id;
  std::string codec;
  std::string codec_tag;
  std::string profile;
  std::optional<int> level;
  Rational time_base;
  std::optional<double> start_time;
  std::optional<double> duration;
  std::int64_t bit_rate = 0;     // Bits per second; 0: unknown.
  std::int64_t frame_count = 0;  // 0: unknown.
  std::string language;
  std::vector<std::string> disposition;
  Tags metadata;    // Language aside.
  VideoInfo video;  // Of type kVideo only.
  AudioInfo audio;  // Of type kAudio only.
};

struct ChapterInfo {
  double start = 0;
  double end = 0;
  std::optional<std::string> title;
  Tags metadata;  // Title aside.
};

struct MediaInfo {
  std::string path;
  std::string container;
  std::optional<std::int64_t> size_bytes;
  std::optional<double> duration;
  std::optional<double> start_time;
  std::int64_t bit_rate = 0;  // Bits per second; 0: unknown.
  std::vector<StreamInfo> streams;
  std::vector<ChapterInfo> chapters;
  Tags metadata;
};

}  // namespace opencut
