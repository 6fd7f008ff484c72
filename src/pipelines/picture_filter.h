// Brings decoded pictures into the output's shape.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "media/filter_graph.h"
#include "media/frame.h"
#include "timeline/stream_params.h"

namespace opencut {

// How pictures of `from` must be filtered to become pictures of `to`: made frames where they are
// two fields each and `to` is not interlaced, turned by the difference of their display matrices,
// scaled to fit with their proportions kept and padded, brought from HDR to SDR or the other way,
// in `to`'s pixel format. Nothing when they are alike already. libavfilter's notation; times stay
// in `time_base`.
std::optional<std::string> FilterDescription(const VideoParams& from, const VideoParams& to,
                                             const Rational& time_base);

// Filters one stretch of pictures: one comes out for each that goes in, in the same order. Follows
// changes of size or format in the frames. Not thread-safe.
class PictureFilter {
 public:
  // REQUIRES: SamePicture(from, to), where `to` is interlaced.
  PictureFilter(const VideoParams& from, const VideoParams& to, const Rational& time_base,
                int threads);

  void Push(Frame frame);
  // The next picture in the output's shape, times as they were. Nothing: push more, or, after
  // Close(), that all are out.
  std::optional<Frame> Pull();
  // Declares the end: pictures that waited for the next one can be pulled.
  void Close();

 private:
  void BuildFor(const Frame& frame);
  void TakeFiltered();

  const VideoParams source_;
  VideoParams from_;  // As the frames are.
  const VideoParams to_;
  const Rational time_base_;
  const int threads_;
  std::optional<FilterGraph> graph_;
  bool built_ = false;
  std::deque<Frame> ready_;
  std::int64_t inside_ = 0;  // Pictures pushed and not yet pulled.
};

}  // namespace opencut
