#include "media/packet_cache.h"

namespace opencut {

bool CacheBudget::Take(std::size_t bytes) {
  std::size_t left = left_bytes_.load();
  while (left >= bytes) {
    if (left_bytes_.compare_exchange_weak(left, left - bytes)) return true;
  }
  return false;
}

void PacketCache::Keep(std::int64_t ordinal, const Packet& packet) {
  if (packets_.contains(ordinal) || !budget_.Take(packet.size_bytes())) return;
  packets_.emplace(ordinal, packet.Clone());
}

std::optional<Packet> PacketCache::Find(std::int64_t ordinal) const {
  const auto found = packets_.find(ordinal);
  if (found == packets_.end()) return std::nullopt;
  return found->second.Clone();
}

std::int64_t PacketCache::NextKept(std::int64_t ordinal) const {
  const auto found = packets_.lower_bound(ordinal);
  return found == packets_.end() ? INT64_MAX : found->first;
}

void PacketCache::Release(std::int64_t first, std::int64_t end) {
  auto it = packets_.lower_bound(first);
  while (it != packets_.end() && it->first < end) {
    budget_.Return(it->second.size_bytes());
    it = packets_.erase(it);
  }
}

}  // namespace opencut
