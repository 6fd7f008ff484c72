// Brings decoded pictures into the output's shape.
#pragma once

#include <optional>
#include <string>

#include "media/filter_graph.h"
#include "media/frame.h"
#include "timeline/stream_params.h"

namespace opencut {

// How pictures of `from` must be filtered to become pictures of `to`: turned by the difference of
// their display matrices, scaled to fit with their proportions kept and padded, in `to`'s pixel
// format. Nothing when they are alike already. libavfilter's notation.
std::optional<std::string> FilterDescription(const VideoParams& from, const VideoParams& to);

// Filters one stretch of pictures. Follows changes of size or format in the frames. Not
// thread-safe.
class PictureFilter {
 public:
  PictureFilter(const VideoParams& from, const VideoParams& to, const Rational& time_base,
                int threads);

  // The picture in the output's shape, times as they were.
  Frame Apply(Frame frame);

 private:
  void BuildFor(const Frame& frame);

  const VideoParams source_;
  VideoParams from_;  // As the frames are.
  const VideoParams to_;
  const Rational time_base_;
  const int threads_;
  std::optional<FilterGraph> graph_;
  bool built_ = false;
};

}  // namespace opencut
