#include "pipelines/runner.h"

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "pipelines/cpu_budget.h"

namespace opencut {

Runner::Runner(const CancellationToken& outer, LogSink* log)
    : log_(log), stop_with_outer_(outer.OnCancel([this] { source_.Cancel(); })) {}

Runner::~Runner() {
  source_.Cancel();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Runner::Start(std::function<void()> work) {
  try {
    threads_.emplace_back([this, work = std::move(work)] {
      LowerThreadPriority();
      Guard(work);
    });
  } catch (const std::system_error& failure) {
    // Not thrown here: what was started before goes on with what the caller is about to destroy.
    Guard([&] {
      throw Error(ErrorCode::kExec, std::string("start a thread: ") + failure.what(), {},
                  "raise the limit of processes or memory, or run fewer exports at once");
    });
  }
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
