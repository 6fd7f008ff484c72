#include "timeline/gop_index.h"

#include <algorithm>
#include <iterator>

namespace opencut {
namespace {

// REQUIRES: a.first_ordinal <= b.first_ordinal, and b begins within or right behind a.
GopWindow Union(GopWindow a, const GopWindow& b) {
  // Of an open picture one of them may know that it can be converted.
  for (std::int64_t i = b.first_ordinal; i < std::min(a.end_ordinal(), b.end_ordinal()); ++i) {
    const SyncKind kind = b.packets[static_cast<std::size_t>(i - b.first_ordinal)].kind;
    if (kind != SyncKind::kConvertible) continue;
    a.packets[static_cast<std::size_t>(i - a.first_ordinal)].kind = kind;
  }
  if (b.end_ordinal() > a.end_ordinal()) {
    const auto skip = static_cast<std::ptrdiff_t>(a.end_ordinal() - b.first_ordinal);
    a.packets.insert(a.packets.end(), b.packets.begin() + skip, b.packets.end());
  }
  a.at_end = a.at_end || b.at_end;
  a.known_from = std::min(a.known_from, b.known_from);
  a.known_until = std::max(a.known_until, b.known_until);
  return a;
}

// No picture that follows an IDR picture in the stream is shown before it, so what is shown up to a
// window's last IDR picture is known, wherever reading stopped.
std::int64_t KnownUntil(const GopWindow& window) {
  const auto last_idr = std::find_if(
      window.packets.rbegin(), window.packets.rend(),
      [](const IndexedPacket& packet) { return packet.kind == SyncKind::kIdr && packet.shown; });
  if (last_idr == window.packets.rend()) return window.known_until;
  return std::max(window.known_until, last_idr->pts + 1);
}

}  // namespace

std::vector<ShownPicture> ShownPictures(const GopWindow& window) {
  std::vector<ShownPicture> shown;
  shown.reserve(window.packets.size());
  for (std::size_t i = 0; i < window.packets.size(); ++i) {
    if (window.packets[i].shown) shown.push_back({window.packets[i].pts, i});
  }
  std::sort(shown.begin(), shown.end(),
            [](const ShownPicture& a, const ShownPicture& b) { return a.pts < b.pts; });
  return shown;
}

void GopIndex::Add(GopWindow window) {
  if (window.packets.empty()) return;
  window.known_until = KnownUntil(window);
  const auto behind = std::upper_bound(
      windows_.begin(), windows_.end(), window.first_ordinal,
      [](std::int64_t ordinal, const GopWindow& w) { return ordinal < w.first_ordinal; });
  const auto place = windows_.insert(behind, std::move(window));
  const auto touches = [](const GopWindow& a, const GopWindow& b) {
    return b.first_ordinal <= a.end_ordinal();
  };
  const bool joins = place != windows_.begin() && touches(*std::prev(place), *place);
  const auto joined = joins ? std::prev(place) : place;
  auto next = std::next(joined);
  for (; next != windows_.end() && touches(*joined, *next); ++next) {
    *joined = Union(std::move(*joined), *next);
  }
  windows_.erase(std::next(joined), next);
}

void GopIndex::AddOtherSets(const PictureSpan& span) {
  PictureSpan joined = span;
  std::erase_if(other_sets_, [&](const PictureSpan& known) {
    if (known.first_pts > joined.end_pts || known.end_pts < joined.first_pts) return false;
    joined.first_pts = std::min(joined.first_pts, known.first_pts);
    joined.end_pts = std::max(joined.end_pts, known.end_pts);
    return true;
  });
  const auto place =
      std::find_if(other_sets_.begin(), other_sets_.end(),
                   [&](const PictureSpan& known) { return known.first_pts > joined.first_pts; });
  other_sets_.insert(place, joined);
}

const GopWindow* GopIndex::Covering(std::int64_t pts) const {
  const auto behind =
      std::upper_bound(windows_.begin(), windows_.end(), pts,
                       [](std::int64_t time, const GopWindow& w) { return time < w.known_from; });
  if (windows_.empty()) return nullptr;
  const GopWindow& window = behind == windows_.begin() ? *behind : *std::prev(behind);
  const bool begins = pts >= window.known_from || window.first_ordinal == 0;
  const bool ends = pts < window.known_until || window.at_end;
  return begins && ends ? &window : nullptr;
}

}  // namespace opencut
