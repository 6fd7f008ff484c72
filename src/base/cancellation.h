// Cancellation as a value: the caller keeps the source, every blocking place gets a token.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace opencut {

namespace internal {

struct CancellationState {
  std::atomic<bool> cancelled{false};
  std::mutex mutex;
  std::uint64_t next_id = 0;                                 // Guarded by mutex.
  std::map<std::uint64_t, std::function<void()>> callbacks;  // Guarded by mutex.
};

}  // namespace internal

// Copies refer to the same source. Thread-safe. A default-made token is never cancelled.
class CancellationToken {
 public:
  CancellationToken() = default;

  bool IsCancelled() const {
    return state_ != nullptr && state_->cancelled.load(std::memory_order_acquire);
  }
  // Throws Cancelled once the source is cancelled.
  void ThrowIfCancelled() const;

  // While it lives, `callback` runs once when the source is cancelled, on the cancelling thread, or
  // at once when it already is. Its destructor waits for a running callback, so the callback may
  // use what outlives the registration. `callback` must not throw and must not register or
  // unregister.
  class Registration {
   public:
    Registration() = default;
    Registration(Registration&& other) noexcept;
    Registration& operator=(Registration&& other) noexcept;
    ~Registration();

   private:
    friend class CancellationToken;
    Registration(std::shared_ptr<internal::CancellationState> state, std::uint64_t id);
    void Unregister();

    std::shared_ptr<internal::CancellationState> state_;
    std::uint64_t id_ = 0;
  };
  [[nodiscard]] Registration OnCancel(std::function<void()> callback) const;

 private:
  friend class CancellationSource;
  explicit CancellationToken(std::shared_ptr<internal::CancellationState> state);

  std::shared_ptr<internal::CancellationState> state_;
};

class CancellationSource {
 public:
  CancellationSource();

  CancellationToken token() const { return CancellationToken(state_); }
  // Idempotent. Runs the registered callbacks before it returns.
  void Cancel();

 private:
  std::shared_ptr<internal::CancellationState> state_;
};

}  // namespace opencut
