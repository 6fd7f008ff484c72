// Where an export waits until its caller has seen its plan.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancellation.h"

namespace opencut {

// Thread-safe.
class PlanGate {
 public:
  // Opens it, once and for good; `output` is where the export is to write to, when that is another
  // place than the one that was asked for.
  void Open(std::optional<std::string> output);
  // Blocks until it is open, and returns what it was opened with. Throws Cancelled.
  std::optional<std::string> Wait(const CancellationToken& token);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  std::optional<std::string> output_;
};

}  // namespace opencut
