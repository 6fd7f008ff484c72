#include "pipelines/picture_stream.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace opencut {

// A packet's successor in the order of display lies at most twice the reorder depth behind it.
TimedPictures::TimedPictures(PictureStream& pictures, int reorder_depth, std::int64_t frame_ticks,
                             std::int64_t end_ticks)
    : pictures_(pictures),
      lookahead_(2 * static_cast<std::size_t>(reorder_depth) + 2),
      end_ticks_(end_ticks),
      clock_(reorder_depth, frame_ticks) {}

void TimedPictures::Fill() {
  while (!ended_ && held_.size() < lookahead_) {
    std::optional<PicturePacket> next = pictures_.Next();
    if (!next) {
      ended_ = true;
      return;
    }
    const std::optional<std::int64_t> dts = clock_.Next(next->packet.pts().value_or(0));
    if (!dts) {
      throw Error(ErrorCode::kExec,
                  "the pictures are in another order than the source's header promises", {},
                  "the source may be damaged; mode \"reencode\" does not depend on its order");
    }
    next->packet.SetDts(*dts);
    held_.push_back(std::move(*next));
  }
}

std::optional<PicturePacket> TimedPictures::Next() {
  Fill();
  if (held_.empty()) return std::nullopt;
  const std::int64_t pts = held_.front().packet.pts().value_or(0);
  std::int64_t next_pts = end_ticks_;
  const auto consider = [&](std::int64_t other) {
    if (other > pts) next_pts = std::min(next_pts, other);
  };
  for (const PicturePacket& other : held_) consider(other.packet.pts().value_or(0));
  for (const std::int64_t given : given_pts_) consider(given);
  given_pts_.push_back(pts);
  if (given_pts_.size() > lookahead_) given_pts_.pop_front();
  PicturePacket picture = std::move(held_.front());
  held_.pop_front();
  picture.packet.SetDuration(std::max<std::int64_t>(next_pts - pts, 1));
  return picture;
}

}  // namespace opencut
