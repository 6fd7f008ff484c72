#include "timeline/decode_order.h"

namespace opencut {

std::optional<std::int64_t> DecodeClock::Next(std::int64_t pts) {
  // The first packet of an output is its first picture.
  if (count_ == 0) first_pts_ = pts;
  waiting_.push(pts);
  std::int64_t dts = first_pts_ - (reorder_depth_ - count_) * frame_ticks_;
  if (count_ >= reorder_depth_) {
    dts = waiting_.top();
    waiting_.pop();
  }
  ++count_;
  if (dts > pts || (last_dts_ && dts <= *last_dts_)) return std::nullopt;
  last_dts_ = dts;
  return dts;
}

}  // namespace opencut
