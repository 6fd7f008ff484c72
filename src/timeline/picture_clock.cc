#include "timeline/picture_clock.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

namespace opencut {

const WindowOrder& PictureClock::OrderOf(const GopWindow& window) const {
  return orders_.try_emplace(&window, window).first->second;
}

const WindowOrder& PictureClock::WindowAt(std::int64_t pts) const {
  const GopWindow* window = source_.index.Covering(pts);
  if (window == nullptr) {
    throw std::logic_error(source_.name + ": the index knows nothing at tick " +
                           std::to_string(pts));
  }
  return OrderOf(*window);
}

const WindowOrder& PictureClock::WindowBefore(std::int64_t pts) const {
  const GopWindow* window = source_.index.Covering(pts - 1);
  return window != nullptr ? OrderOf(*window) : WindowAt(pts);
}

std::int64_t PictureClock::BytesBefore(std::int64_t ordinal) const {
  const std::vector<GopWindow>& windows = source_.index.windows();
  const auto behind = std::upper_bound(
      windows.begin(), windows.end(), ordinal,
      [](std::int64_t packet, const GopWindow& window) { return packet < window.first_ordinal; });
  if (behind == windows.begin() || ordinal > std::prev(behind)->end_ordinal()) {
    throw std::logic_error(source_.name + ": the index does not hold packet " +
                           std::to_string(ordinal) + ", which a step begins or ends with");
  }
  const GopWindow& window = *std::prev(behind);
  return OrderOf(window).BytesBefore(static_cast<std::size_t>(ordinal - window.first_ordinal));
}

Boundary PictureClock::At(const WindowOrder& order, std::size_t shown_index) const {
  const GopWindow& window = order.window();
  const std::vector<ShownPicture>& shown = order.shown();
  if (shown_index < shown.size() &&
      (window.at_end || shown[shown_index].pts < window.known_until)) {
    const std::int64_t pts = shown[shown_index].pts;
    return {FromTicks(pts, source_.video_time_base), pts, false};
  }
  if (!window.at_end || shown.empty()) {
    throw std::logic_error(source_.name + ": the index ends before the picture asked for");
  }
  const IndexedPacket& last = window.packets[shown.back().packet];
  const std::int64_t duration =
      last.duration > 0
          ? last.duration
          : ToTicks(source_.frame_interval, source_.video_time_base, Rounding::kNearest);
  const std::int64_t end = last.pts + duration;
  return {FromTicks(end, source_.video_time_base), end, true};
}

Boundary PictureClock::OnScreen(const Seconds& time) const {
  const std::int64_t ticks = ToTicks(time, source_.video_time_base, Rounding::kDown);
  const WindowOrder& order = WindowAt(ticks);
  const std::size_t after = order.ShownBefore(ticks + 1);
  if (after > 0) return At(order, after - 1);
  if (order.window().first_ordinal != 0) {
    throw std::logic_error(source_.name + ": the index begins behind the picture asked for");
  }
  return At(order, 0);
}

Boundary PictureClock::AtOrAfter(const Seconds& time) const {
  return FirstFrom(ToTicks(time, source_.video_time_base, Rounding::kUp));
}

Boundary PictureClock::After(const Boundary& begin) const { return FirstFrom(begin.pts + 1); }

Boundary PictureClock::FirstFrom(std::int64_t pts) const {
  const WindowOrder& order = WindowAt(pts);
  return At(order, order.ShownBefore(pts));
}

Boundary PictureClock::Nearest(const Seconds& time) const {
  const Boundary after = AtOrAfter(time);
  const Boundary before = OnScreen(time);
  if (before.time >= time) return after;
  return time - before.time < after.time - time ? before : after;
}

std::optional<Seconds> PictureClock::End() const {
  const auto& windows = source_.index.windows();
  if (windows.empty() || !windows.back().at_end) return std::nullopt;
  const WindowOrder& order = OrderOf(windows.back());
  if (order.shown().empty()) return std::nullopt;
  return At(order, order.shown().size()).time;
}

std::int64_t PictureClock::Rank(std::int64_t pts) const {
  const WindowOrder& order = WindowBefore(pts);
  const std::int64_t first = order.window().first_ordinal;
  const auto& hidden = source_.index.hidden_ordinals();
  const auto hidden_before = std::lower_bound(hidden.begin(), hidden.end(), first) - hidden.begin();
  // A window begins at a sync sample: all that comes before it in the stream is shown before
  // whatever the window holds.
  return first - hidden_before + static_cast<std::int64_t>(order.ShownBefore(pts));
}

}  // namespace opencut
