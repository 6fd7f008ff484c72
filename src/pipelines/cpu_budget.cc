#include "pipelines/cpu_budget.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

namespace opencut {
namespace {

constexpr int kNiceness = 5;

std::atomic<int> running_jobs{0};
std::atomic<int> running_elsewhere{0};

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

void ShareCoresWith(int jobs_elsewhere) { running_elsewhere = std::max(0, jobs_elsewhere); }

RunningJob::RunningJob() { ++running_jobs; }
RunningJob::~RunningJob() { --running_jobs; }

ThreadCounts RunningJob::Threads(std::optional<int> asked_for) const {
  if (asked_for) return {.encoder = *asked_for, .others = *asked_for};
  const int cores = UsableCores();
  const std::int64_t jobs =
      std::max<std::int64_t>(1, std::int64_t{running_jobs} + running_elsewhere);
  return {.encoder = cores, .others = static_cast<int>(std::max<std::int64_t>(1, cores / jobs))};
}

}  // namespace opencut
