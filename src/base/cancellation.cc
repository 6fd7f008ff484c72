#include "base/cancellation.h"

#include <utility>

#include "base/error.h"

namespace opencut {

CancellationToken::CancellationToken(std::shared_ptr<internal::CancellationState> state)
    : state_(std::move(state)) {}

void CancellationToken::ThrowIfCancelled() const {
  if (IsCancelled()) throw Cancelled();
}

CancellationToken::Registration CancellationToken::OnCancel(std::function<void()> callback) const {
  if (state_ == nullptr) return {};
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->cancelled.load(std::memory_order_acquire)) {
      const std::uint64_t id = state_->next_id++;
      state_->callbacks.emplace(id, std::move(callback));
      return Registration(state_, id);
    }
  }
  callback();
  return {};
}

CancellationToken::Registration::Registration(std::shared_ptr<internal::CancellationState> state,
                                              std::uint64_t id)
    : state_(std::move(state)), id_(id) {}

CancellationToken::Registration::Registration(Registration&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)), id_(other.id_) {}

CancellationToken::Registration& CancellationToken::Registration::operator=(
    Registration&& other) noexcept {
  if (this != &other) {
    Unregister();
    state_ = std::exchange(other.state_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

CancellationToken::Registration::~Registration() { Unregister(); }

void CancellationToken::Registration::Unregister() {
  if (state_ == nullptr) return;
  std::lock_guard lock(state_->mutex);
  state_->callbacks.erase(id_);
  state_ = nullptr;
}

CancellationSource::CancellationSource()
    : state_(std::make_shared<internal::CancellationState>()) {}

void CancellationSource::Cancel() {
  // The callbacks run under the mutex: that is what makes ~Registration wait for them.
  std::lock_guard lock(state_->mutex);
  if (state_->cancelled.exchange(true, std::memory_order_acq_rel)) return;
  for (auto& [id, callback] : state_->callbacks) callback();
  state_->callbacks.clear();
}

}  // namespace opencut
