// A window of a GOP index as the planner asks about it, again and again: each answer takes no
// longer the more cuts lie in the window. Packets are named by their place in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "timeline/gop_index.h"

namespace opencut {

class WindowOrder {
 public:
  // Refers to `window`, which must outlive it.
  explicit WindowOrder(const GopWindow& window);

  const GopWindow& window() const { return window_; }
  const IndexedPacket& packet(std::size_t i) const { return window_.packets[i]; }

  // The shown pictures in the order they are shown.
  const std::vector<ShownPicture>& shown() const { return shown_; }
  // The packet's place in shown(). REQUIRES: it is shown.
  std::size_t RankOf(std::size_t packet) const { return rank_[packet]; }
  // How many of shown() begin before `pts`.
  std::size_t ShownBefore(std::int64_t pts) const;

  // Of the stream's packets before this one; `packet` may be the window's end.
  std::int64_t BytesBefore(std::size_t packet) const { return bytes_before_[packet]; }

  // The first picture at or behind `pts` that a copy can begin with; the last one at or before it.
  std::optional<std::size_t> FirstCopyStart(std::int64_t pts) const;
  std::optional<std::size_t> LastCopyStart(std::int64_t pts) const;

  // Where decoding must begin so that the picture at `pts` comes out whole.
  std::size_t DecodeFrom(std::int64_t pts) const;
  // The packet behind the last one that holds a picture shown before `pts`; 0 where none does.
  std::size_t DecodeUntil(std::int64_t pts) const;

 private:
  const GopWindow& window_;
  std::vector<ShownPicture> shown_;
  std::vector<std::size_t> rank_;
  std::vector<std::size_t> until_;  // Of the first n of shown_: the packet behind all of theirs.
  std::vector<std::int64_t> bytes_before_;
  std::vector<std::size_t> starts_;       // Packets that decoding can begin with, in stream order,
  std::vector<std::size_t> copy_starts_;  // and a copy.
};

}  // namespace opencut
