// How many threads a job may keep busy, and how they stand back.
#pragma once

#include <optional>

namespace opencut {

// Cores this process may use: its CPU affinity, within the quota of its control group. At least 1.
int UsableCores();

// What comes out of an encoder depends on how many threads it has. So those are not taken from
// other jobs, which would make the output depend on them; threads whose work comes out alike are.
struct ThreadCounts {
  int encoder = 1;
  int others = 1;  // Workers, decoders, filters.

  // For each of `workers` that divide this among themselves.
  ThreadCounts Each(ThreadCounts workers) const;
};

// Has this thread, and those it starts from now on, stand back behind the caller's event loop.
void LowerThreadPriority();

// Tells how many jobs other processes run on the cores of this one. Default: none.
void ShareCoresWith(int jobs_elsewhere);

// Counts a job as running while it lives.
class RunningJob {
 public:
  RunningJob();
  ~RunningJob();
  RunningJob(const RunningJob&) = delete;
  RunningJob& operator=(const RunningJob&) = delete;

  // The threads of this job: `asked_for`, or all usable cores, the others its share of them among
  // the jobs that run now, here and elsewhere.
  ThreadCounts Threads(std::optional<int> asked_for) const;
};

}  // namespace opencut
