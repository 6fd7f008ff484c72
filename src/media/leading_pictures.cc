#include "media/leading_pictures.h"

#include <algorithm>

namespace opencut {

void HideFirstRasl(SourceFile& source, const SyncClassifier& classifier) {
  if (source.video_params()->codec != "hevc") return;
  if (classifier.ClassifyAt(source, 0).kind != SyncKind::kIrap) return;
  for (std::int64_t i = 1; i < source.PictureCount(); ++i) {
    const auto leading = classifier.ClassifyAt(source, i).leading;
    if (leading == StartingPoint::Leading::kNo) return;
    if (leading == StartingPoint::Leading::kRasl) source.Hide(i);
  }
}

void PlaceNeverShown(const std::vector<std::int64_t>& ordinals, GopWindow& window) {
  for (const std::int64_t ordinal : ordinals) {
    auto led = window.packets.begin() + static_cast<std::ptrdiff_t>(ordinal);
    IndexedPacket& packet = *led;
    while (led != window.packets.begin() && led->kind == SyncKind::kNone) --led;
    packet.pts = std::min(packet.pts, led->pts - 1);
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
