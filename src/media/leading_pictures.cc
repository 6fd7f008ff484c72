#include "media/leading_pictures.h"

#include <algorithm>
#include <set>

namespace opencut {
namespace {

// The random access picture that a leading picture follows.
std::int64_t LedBy(std::int64_t ordinal, const GopWindow& window) {
  while (ordinal > 0 && window.packets[static_cast<std::size_t>(ordinal)].kind == SyncKind::kNone) {
    --ordinal;
  }
  return ordinal;
}

}  // namespace

void HideFirstRasl(SourceFile& source, const SyncClassifier& classifier) {
  if (source.video_params()->codec != "hevc") return;
  if (classifier.ClassifyAt(source, 0).kind != SyncKind::kIrap) return;
  for (std::int64_t i = 1; i < source.PictureCount(); ++i) {
    const auto leading = classifier.ClassifyAt(source, i).leading;
    if (leading == StartingPoint::Leading::kNo) return;
    if (leading == StartingPoint::Leading::kRasl) source.Hide(i);
  }
}

void BeginAnew(SourceFile& source, GopWindow& window, const std::vector<std::int64_t>& rasl,
               std::vector<std::int64_t>& never_shown) {
  std::set<std::int64_t> led;
  for (const std::int64_t ordinal : never_shown) led.insert(LedBy(ordinal, window));
  for (const std::int64_t ordinal : led) {
    if (ordinal > 0) source.BeginAnew(ordinal);
  }
  never_shown.clear();
  for (const std::int64_t ordinal : rasl) {
    if (!led.contains(LedBy(ordinal, window))) continue;
    never_shown.push_back(ordinal);
    window.packets[static_cast<std::size_t>(ordinal)].shown = false;
    source.Hide(ordinal);
  }
}

void PlaceNeverShown(const std::vector<std::int64_t>& ordinals, GopWindow& window) {
  for (const std::int64_t ordinal : ordinals) {
    IndexedPacket& packet = window.packets[static_cast<std::size_t>(ordinal)];
    const auto led = static_cast<std::size_t>(LedBy(ordinal, window));
    packet.pts = std::min(packet.pts, window.packets[led].pts - 1);
  }
}

void HideBeforeFirstStart(std::int64_t first, GopWindow& window) {
  const std::int64_t first_pts = window.packets[static_cast<std::size_t>(first)].pts;
  for (std::int64_t i = 0; i < first; ++i) {
    IndexedPacket& packet = window.packets[static_cast<std::size_t>(i)];
    packet.shown = false;
    packet.pts = std::min(packet.pts, first_pts - 1);
  }
}

std::vector<std::int64_t> SeamsOf(const GopWindow& window) {
  std::vector<std::int64_t> seams;
  const IndexedPacket* last = nullptr;  // That decoding can begin with.
  for (const IndexedPacket& packet : window.packets) {
    if (packet.kind != SyncKind::kNone) last = &packet;
    if (packet.shown || last == nullptr || last == &window.packets.front()) continue;
    if (seams.empty() || seams.back() < last->pts) seams.push_back(last->pts);
  }
  return seams;
}

}  // namespace opencut
