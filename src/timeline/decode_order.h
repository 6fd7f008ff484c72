// Decoding times for packets whose presentation times are known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

namespace opencut {

// dts of the k-th packet in decoding order is the pts of the (k - D)-th picture in the order of
// display, D being the deepest reordering in the stream: dts rises strictly, is never above pts,
// and is as regular as the pictures are. The first D are counted back from the first picture.
class DecodeClock {
 public:
  // `frame_ticks`: step of the dts before the first picture. REQUIRES: frame_ticks > 0.
  DecodeClock(int reorder_depth, std::int64_t frame_ticks)
      : reorder_depth_(reorder_depth), frame_ticks_(frame_ticks) {}

  // The dts of the next packet. Nothing: the packets are reordered more deeply than was said, or a
  // pts came twice.
  std::optional<std::int64_t> Next(std::int64_t pts);

 private:
  const int reorder_depth_;
  const std::int64_t frame_ticks_;
  std::int64_t count_ = 0;
  std::int64_t first_pts_ = 0;
  std::optional<std::int64_t> last_dts_;
  // The pts that no packet has had for its dts yet: never more than reorder_depth_ + 1.
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> waiting_;
};

}  // namespace opencut
