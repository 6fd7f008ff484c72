// The threads of one job: the first failure stops the others and is the one that is reported.
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/cancellation.h"
#include "media/log.h"

namespace opencut {

class Runner {
 public:
  // Stops everything when `outer` is cancelled. `log`, if any, gets the lines of these threads and
  // must outlive the runner.
  Runner(const CancellationToken& outer, LogSink* log);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  // Cancels what still runs and waits for it.
  ~Runner();

  // Cancelled with the job, and when one of its threads fails.
  CancellationToken token() const { return source_.token(); }

  // Runs `work` on a thread of its own, at a lower priority than the caller's event loop. That no
  // thread can be started is a failure of the job.
  void Start(std::function<void()> work);
  // Runs `work` on this thread; a failure counts as one of the job's.
  void RunHere(const std::function<void()>& work);
  // Waits for all threads, then throws the first failure, if there was one.
  void Join();

 private:
  void Guard(const std::function<void()>& work) noexcept;

  LogSink* const log_;
  CancellationSource source_;
  std::mutex mutex_;
  std::exception_ptr failure_;  // Guarded by mutex_.
  std::vector<std::thread> threads_;
  CancellationToken::Registration stop_with_outer_;
};

}  // namespace opencut
