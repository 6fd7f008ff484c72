// A queue between two stages, bounded in bytes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/cancellation.h"
#include "base/error.h"

namespace opencut {

// Any number of producers and consumers. Both ends throw Cancelled when the token given at
// construction is cancelled.
template <typename T>
class BoundedQueue {
 public:
  // An item is taken in while the sum of what is held is below `capacity_bytes`, so one item larger
  // than the bound passes.
  BoundedQueue(std::size_t capacity_bytes, CancellationToken token)
      : capacity_bytes_(capacity_bytes), token_(std::move(token)) {
    wake_on_cancel_ = token_.OnCancel([this] {
      std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
  }

  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Waits for room. False: the queue was closed, the item is gone.
  bool Push(T item, std::size_t size_bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return closed_ || token_.IsCancelled() || held_bytes_ < capacity_bytes_; });
    token_.ThrowIfCancelled();
    if (closed_) return false;
    held_bytes_ += size_bytes;
    items_.emplace_back(std::move(item), size_bytes);
    changed_.notify_all();
    return true;
  }

  // Waits for an item. Nothing: the queue is closed and empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || token_.IsCancelled() || !items_.empty(); });
    token_.ThrowIfCancelled();
    if (items_.empty()) return std::nullopt;
    auto [item, size_bytes] = std::move(items_.front());
    items_.pop_front();
    held_bytes_ -= size_bytes;
    changed_.notify_all();
    return std::move(item);
  }

  // No more items come in; those held still go out.
  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const std::size_t capacity_bytes_;
  const CancellationToken token_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t held_bytes_ = 0;
  bool closed_ = false;
  // Last, so that it is gone before the mutex its callback locks.
  CancellationToken::Registration wake_on_cancel_;
};

}  // namespace opencut
