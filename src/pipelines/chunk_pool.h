// Encodes the steps of a hybrid plan ahead of the writer, several at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bounded_queue.h"
#include "media/packet.h"
#include "pipelines/runner.h"

namespace opencut {

// Chunks are begun in order and taken in order; no more than a few are begun ahead of the one that
// is being taken, and each holds a bounded number of bytes.
class ChunkPool {
 public:
  using Emit = std::function<void(Packet)>;
  // Produces the packets of chunk `index`, in order. Called on several threads at once.
  using Produce = std::function<void(std::size_t index, const Emit& emit)>;

  // Starts `workers` threads of `runner`. `runner` must be joined before the pool is destroyed.
  ChunkPool(std::size_t chunk_count, int workers, Produce produce, Runner& runner);

  // The next packet of chunk `index`; nothing after its last. REQUIRES: chunks are asked for in
  // order, each to its end. Throws Cancelled when the job has failed or was cancelled.
  std::optional<Packet> Next(std::size_t index);

 private:
  void Work();
  std::optional<std::size_t> Claim();

  const std::size_t lookahead_;
  const Produce produce_;
  const CancellationToken token_;
  std::mutex mutex_;
  std::condition_variable taken_;
  std::size_t next_to_begin_ = 0;  // Guarded by mutex_, as is the next.
  std::size_t being_taken_ = 0;
  std::vector<std::unique_ptr<BoundedQueue<Packet>>> queues_;
  CancellationToken::Registration wake_on_cancel_;
};

}  // namespace opencut
