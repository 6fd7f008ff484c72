#include "pipelines/cpu_budget.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

namespace opencut {
namespace {

constexpr int kNiceness = 5;

std::atomic<int> running_jobs{0};

// cpu.max of control groups v2 ("max 100000" or "<quota> <period>", microseconds).
int ControlGroupCores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period_us = 0;
  if (!(file >> quota >> period_us) || quota == "max" || period_us <= 0) {
    return std::numeric_limits<int>::max();
  }
  const double quota_us = std::strtod(quota.c_str(), nullptr);
  return quota_us > 0 ? std::max(1, static_cast<int>(std::ceil(quota_us / period_us)))
                      : std::numeric_limits<int>::max();
}

}  // namespace

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int affine = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  return std::max(1, std::min(affine, ControlGroupCores()));
}

ThreadCounts ThreadCounts::Each(ThreadCounts workers) const {
  return {.encoder = std::max(1, encoder / workers.encoder),
          .others = std::max(1, others / workers.others)};
}

// When it fails, the priority stays as it is, which is harmless.
void LowerThreadPriority() {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, thread, std::max(kNiceness, getpriority(PRIO_PROCESS, thread)));
}

RunningJob::RunningJob() { ++running_jobs; }
RunningJob::~RunningJob() { --running_jobs; }

ThreadCounts RunningJob::Threads(std::optional<int> asked_for) const {
  if (asked_for) return {.encoder = *asked_for, .others = *asked_for};
  const int cores = UsableCores();
  return {.encoder = cores, .others = std::max(1, cores / std::max(1, running_jobs.load()))};
}

}  // namespace opencut
