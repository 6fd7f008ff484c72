#include "pipelines/runner.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>
#include <utility>

namespace opencut {
namespace {

constexpr int kNiceness = 5;

// A failure here means that the priority stays as it is, which is harmless.
void LowerOwnPriority() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNiceness);
}

}  // namespace

Runner::Runner(const CancellationToken& outer, LogSink* log)
    : log_(log), stop_with_outer_(outer.OnCancel([this] { source_.Cancel(); })) {}

Runner::~Runner() {
  source_.Cancel();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Runner::Start(std::function<void()> work) {
  threads_.emplace_back([this, work = std::move(work)] {
    LowerOwnPriority();
    Guard(work);
  });
}

void Runner::RunHere(const std::function<void()>& work) { Guard(work); }

void Runner::Guard(const std::function<void()>& work) noexcept {
  std::optional<LogScope> scope;
  if (log_ != nullptr) scope.emplace(*log_);
  try {
    work();
  } catch (...) {
    {
      std::lock_guard lock(mutex_);
      // Once one has failed, the others end with Cancelled: that is not the reason.
      if (!failure_) failure_ = std::current_exception();
    }
    source_.Cancel();
  }
}

void Runner::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace opencut
