// Packets the indexer has read and the renderer will need again, held in memory up to a bound that
// all sources of a job share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "media/packet.h"

namespace opencut {

// How many bytes the caches of one job may hold together. Thread-safe.
class CacheBudget {
 public:
  explicit CacheBudget(std::size_t capacity_bytes) : left_bytes_(capacity_bytes) {}

  // False: there is no room, nothing was taken.
  bool Take(std::size_t bytes);
  void Return(std::size_t bytes) { left_bytes_.fetch_add(bytes); }

 private:
  std::atomic<std::size_t> left_bytes_;
};

// Of one stream, by ordinal. Not thread-safe. `budget` must outlive it.
class PacketCache {
 public:
  explicit PacketCache(CacheBudget& budget) : budget_(budget) {}
  PacketCache(const PacketCache&) = delete;
  PacketCache& operator=(const PacketCache&) = delete;
  ~PacketCache() { Release(INT64_MIN, INT64_MAX); }

  // Keeps a reference to the packet if there is room.
  void Keep(std::int64_t ordinal, const Packet& packet);
  std::optional<Packet> Find(std::int64_t ordinal) const;
  // The lowest kept ordinal that is not below `ordinal`; INT64_MAX when there is none.
  std::int64_t NextKept(std::int64_t ordinal) const;
  // Lets go of [first, end).
  void Release(std::int64_t first, std::int64_t end);

 private:
  CacheBudget& budget_;
  std::map<std::int64_t, Packet> packets_;
};

}  // namespace opencut
