#include "plan_gate.h"

#include <utility>

namespace opencut {

void PlanGate::Open(std::optional<std::string> output) {
  std::lock_guard lock(mutex_);
  if (is_open_) return;
  is_open_ = true;
  output_ = std::move(output);
  changed_.notify_all();
}

std::optional<std::string> PlanGate::Wait(const CancellationToken& token) {
  // Before the lock, so that it is taken back after it: a callback that runs wants the lock.
  const CancellationToken::Registration registration = token.OnCancel([this] {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_open_ || token.IsCancelled(); });
  token.ThrowIfCancelled();
  return output_;
}

}  // namespace opencut
