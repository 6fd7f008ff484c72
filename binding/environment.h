// What the addon keeps for one JavaScript environment (the main thread's, or a worker's).
#pragma once

#include <chrono>
#include <set>

#include "napi.h"

namespace opencut {

class Job;

// Touched on the environment's own thread only.
class Environment {
 public:
  static Environment& Of(Napi::Env env);

  void Add(Job* job) { jobs_.insert(job); }
  void Remove(Job* job) { jobs_.erase(job); }
  std::size_t job_count() const { return jobs_.size(); }

  // Cancels every job and waits, at most `timeout` in all, until they have cleaned up. Does so for
  // those that have not.
  void CancelAll(std::chrono::milliseconds timeout);

 private:
  std::set<Job*> jobs_;
};

}  // namespace opencut
