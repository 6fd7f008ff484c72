// Sound of any format as planar float of one rate and layout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/convert.h"
#include "media/frame.h"
#include "media/libav_ptr.h"

namespace opencut {

// Output sample j is the input's signal at the time j / output_rate after its first sample: no
// delay in front, no compensation. N input samples become ceil(N * output_rate / input_rate).
// Frames are taken as adjoining: their pts is not looked at. Not thread-safe.
class Resampler {
 public:
  // Layouts and format by libav's names. Throws Error(kPlanUnsupported) when libswresample cannot
  // convert between them.
  Resampler(int input_rate, const std::string& input_format, const std::string& input_layout,
            int output_rate, const std::string& output_layout);

  // Takes a frame in and gives what can be told by then, which may be nothing. The pts of what
  // comes out is the index of its first sample, counted from 0. Throws Error(kExec) when the
  // frame's format, rate or layout is not the input's.
  [[nodiscard]] std::optional<Frame> Convert(const Frame& frame);

  // The end of input: what is left. REQUIRES: no Convert() afterwards.
  [[nodiscard]] std::optional<Frame> Flush();

 private:
  std::optional<Frame> Run(const AVFrame& input);

  const int input_rate_;
  const int output_rate_;
  const AVSampleFormat input_format_;
  const ChannelLayout input_layout_;
  const ChannelLayout output_layout_;
  SwrPtr swr_;
  std::int64_t samples_in_ = 0;
  std::int64_t samples_out_ = 0;
};

}  // namespace opencut
