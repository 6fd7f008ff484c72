#include "timeline/window_order.h"

#include <algorithm>

namespace opencut {

WindowOrder::WindowOrder(const GopWindow& window)
    : window_(window), shown_(ShownPictures(window)), rank_(window.packets.size()), until_{0} {
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    rank_[shown_[i].packet] = i;
    until_.push_back(std::max(until_.back(), shown_[i].packet + 1));
  }
  bytes_before_ = {window.bytes_before};
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    const IndexedPacket& packet = window.packets[i];
    bytes_before_.push_back(bytes_before_.back() + packet.size_bytes);
    if (packet.kind != SyncKind::kNone) starts_.push_back(i);
    if (packet.shown && CanBeginCopy(packet.kind)) copy_starts_.push_back(i);
  }
}

std::size_t WindowOrder::ShownBefore(std::int64_t pts) const {
  const auto first = std::lower_bound(
      shown_.begin(), shown_.end(), pts,
      [](const ShownPicture& picture, std::int64_t time) { return picture.pts < time; });
  return static_cast<std::size_t>(first - shown_.begin());
}

std::optional<std::size_t> WindowOrder::FirstCopyStart(std::int64_t pts) const {
  const auto found =
      std::lower_bound(copy_starts_.begin(), copy_starts_.end(), pts,
                       [this](std::size_t i, std::int64_t time) { return packet(i).pts < time; });
  return found == copy_starts_.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::size_t> WindowOrder::LastCopyStart(std::int64_t pts) const {
  const auto behind =
      std::upper_bound(copy_starts_.begin(), copy_starts_.end(), pts,
                       [this](std::int64_t time, std::size_t i) { return time < packet(i).pts; });
  return behind == copy_starts_.begin() ? std::nullopt : std::optional(*std::prev(behind));
}

std::size_t WindowOrder::DecodeFrom(std::int64_t pts) const {
  const std::size_t rank = ShownBefore(pts);
  const std::size_t picture = rank < shown_.size() ? shown_[rank].packet : window_.packets.size();
  auto start = std::upper_bound(starts_.begin(), starts_.end(), picture);
  // One that the picture leads does not do.
  while (start != starts_.begin() && packet(*std::prev(start)).pts > pts) --start;
  return start == starts_.begin() ? 0 : *std::prev(start);
}

std::size_t WindowOrder::DecodeUntil(std::int64_t pts) const { return until_[ShownBefore(pts)]; }

}  // namespace opencut
