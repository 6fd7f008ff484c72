// How many threads a job may keep busy, and how they stand back.
#pragma once

namespace opencut {

// Cores this process may use: its CPU affinity, within the quota of its control group. At least 1.
int UsableCores();

// Has this thread, and those it starts from now on, stand back behind the caller's event loop.
void LowerThreadPriority();

// Counts a job as running while it lives.
class RunningJob {
 public:
  RunningJob();
  ~RunningJob();
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;

  // This job's share of the cores among the jobs that run now. At least 1.
  int ThreadShare() const;
};

}  // namespace opencut
