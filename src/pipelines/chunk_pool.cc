#include "pipelines/chunk_pool.h"

#include <algorithm>
#include <utility>

namespace opencut {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{8} << 20;

}  // namespace

ChunkPool::ChunkPool(std::size_t chunk_count, int workers, Produce produce, Runner& runner)
    : lookahead_(2 * static_cast<std::size_t>(workers) + 2),
      produce_(std::move(produce)),
      token_(runner.token()) {
  for (std::size_t i = 0; i < chunk_count; ++i) {
    queues_.push_back(std::make_unique<BoundedQueue<Packet>>(kChunkBytes, token_));
  }
  wake_on_cancel_ = token_.OnCancel([this] {
    std::lock_guard lock(mutex_);
    taken_.notify_all();
  });
  for (int i = 0; i < workers; ++i) runner.Start([this] { Work(); });
}

// The next chunk to be produced, once it is near enough to what the writer takes.
std::optional<std::size_t> ChunkPool::Claim() {
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] {
    return token_.IsCancelled() || next_to_begin_ >= queues_.size() ||
           next_to_begin_ < being_taken_ + lookahead_;
  });
  token_.ThrowIfCancelled();
  if (next_to_begin_ >= queues_.size()) return std::nullopt;
  return next_to_begin_++;
}

void ChunkPool::Work() {
  while (const std::optional<std::size_t> index = Claim()) {
    BoundedQueue<Packet>& queue = *queues_[*index];
    produce_(*index, [&queue](Packet packet) {
      const std::size_t size_bytes = packet.size_bytes();
      queue.Push(std::move(packet), size_bytes);
    });
    queue.Close();
  }
}

std::optional<Packet> ChunkPool::Next(std::size_t index) {
  {
    std::lock_guard lock(mutex_);
    if (being_taken_ != index) {
      being_taken_ = index;
      taken_.notify_all();
    }
  }
  return queues_[index]->Pop();
}

}  // namespace opencut
