#include "timeline/picture_clock.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace opencut {
namespace {

bool BeginsBefore(const ShownPicture& picture, std::int64_t pts) { return picture.pts < pts; }

}  // namespace

const GopWindow& PictureClock::WindowAt(std::int64_t pts) const {
  const GopWindow* window = source_.index.Covering(pts);
  if (window == nullptr) {
    throw std::logic_error(source_.name + ": the index knows nothing at tick " +
                           std::to_string(pts));
  }
  return *window;
}

const GopWindow& PictureClock::WindowBefore(std::int64_t pts) const {
  const GopWindow* window = source_.index.Covering(pts - 1);
  return window != nullptr ? *window : WindowAt(pts);
}

const std::vector<ShownPicture>& PictureClock::Shown(const GopWindow& window) const {
  auto [entry, added] = shown_.try_emplace(&window);
  if (added) entry->second = ShownPictures(window);
  return entry->second;
}

Boundary PictureClock::At(const GopWindow& window, std::size_t shown_index) const {
  const std::vector<ShownPicture>& shown = Shown(window);
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
  const GopWindow& window = WindowAt(ticks);
  const std::vector<ShownPicture>& shown = Shown(window);
  const auto after = std::lower_bound(shown.begin(), shown.end(), ticks + 1, BeginsBefore);
  if (after != shown.begin())
    return At(window, static_cast<std::size_t>(after - shown.begin()) - 1);
  if (window.first_ordinal != 0) {
    throw std::logic_error(source_.name + ": the index begins behind the picture asked for");
  }
  return At(window, 0);
}

Boundary PictureClock::AtOrAfter(const Seconds& time) const {
  return FirstFrom(ToTicks(time, source_.video_time_base, Rounding::kUp));
}

Boundary PictureClock::After(const Boundary& begin) const { return FirstFrom(begin.pts + 1); }

Boundary PictureClock::FirstFrom(std::int64_t pts) const {
  const GopWindow& window = WindowAt(pts);
  const std::vector<ShownPicture>& shown = Shown(window);
  const auto found = std::lower_bound(shown.begin(), shown.end(), pts, BeginsBefore);
  return At(window, static_cast<std::size_t>(found - shown.begin()));
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
  const std::vector<ShownPicture>& shown = Shown(windows.back());
  if (shown.empty()) return std::nullopt;
  return At(windows.back(), shown.size()).time;
}

std::int64_t PictureClock::Rank(std::int64_t pts) const {
  const GopWindow& window = WindowBefore(pts);
  const std::vector<ShownPicture>& shown = Shown(window);
  const auto found = std::lower_bound(shown.begin(), shown.end(), pts, BeginsBefore);
  const auto& hidden = source_.index.hidden_ordinals();
  const auto hidden_before =
      std::lower_bound(hidden.begin(), hidden.end(), window.first_ordinal) - hidden.begin();
  // A window begins at a sync sample: all that comes before it in the stream is shown before
  // whatever the window holds.
  return window.first_ordinal - hidden_before + (found - shown.begin());
}

}  // namespace opencut
