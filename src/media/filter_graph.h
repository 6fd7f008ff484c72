// Frames through a libavfilter graph of one input and one output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/frame.h"
#include "media/libav_ptr.h"
#include "timeline/rational.h"
#include "timeline/stream_params.h"

namespace opencut {

struct VideoFilterInput {
  int width = 0;
  int height = 0;
  std::string pixel_format = {};  // libav's name: "yuv420p".
  Rational time_base = 0;         // Of the frames' pts.
  Rational frame_rate = 0;        // 0: variable or unknown.
  Rational sample_aspect_ratio = 1;
  Colour colour = {};
};

struct AudioFilterInput {
  int sample_rate = 0;              // Hz.
  std::string sample_format = {};   // libav's name: "fltp".
  std::string channel_layout = {};  // libav's name: "stereo".
  Rational time_base = 0;           // Of the frames' pts.
};

bool HasFilter(const std::string& name);

// Not thread-safe.
class FilterGraph {
 public:
  // `description` is libavfilter's: "scale=1280:720,format=yuv420p". End it with format= (aformat=
  // for sound), else libavfilter chooses the output's format.
  // `threads`: for filters that divide their work; 0 = as many as cores.
  // Throws Error(kExec) when libavfilter does not take it.
  FilterGraph(const VideoFilterInput& input, const std::string& description, int threads = 1);
  FilterGraph(const AudioFilterInput& input, const std::string& description, int threads = 1);

  // Takes one frame in; its content is referred to, not copied. Throws Error(kExec) when its shape
  // is not the input's.
  void Push(const Frame& frame);
  // Declares the end of input; what the filters hold back comes out of the next Pull() calls.
  void Close();
  // The next frame. Nothing means: push more, or, after Close(), that all are out.
  [[nodiscard]] std::optional<Frame> Pull();

  // Of the frames that come out.
  Rational time_base() const;

 private:
  void Build(const char* source, const std::string& source_options, const char* sink,
             const std::string& description, int threads);

  FilterGraphPtr graph_;
  AVFilterContext* source_ = nullptr;  // Both are the graph's.
  AVFilterContext* sink_ = nullptr;
  std::string input_format_;
  int input_width_ = 0;
  int input_height_ = 0;
  int input_sample_rate_ = 0;
  std::string input_layout_;
  // Where the last frame ends: fps and its like need to know how long it is shown.
  std::int64_t end_pts_ = AV_NOPTS_VALUE;
};

}  // namespace opencut
