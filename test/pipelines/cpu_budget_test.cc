#include "pipelines/cpu_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace opencut {
namespace {

// Jobs elsewhere are the whole process's.
class CpuBudget : public testing::Test {
 protected:
  ~CpuBudget() override { ShareCoresWith(0); }

  static int OthersOf(int jobs) { return std::max(1, UsableCores() / jobs); }
};

TEST_F(CpuBudget, JobAloneKeepsAllCoresBusy) {
  const RunningJob job;
  EXPECT_EQ(job.Threads({}).encoder, UsableCores());
  EXPECT_EQ(job.Threads({}).others, UsableCores());
}

TEST_F(CpuBudget, JobsHereAndElsewhereShareTheCoresOfAllButEncoders) {
  const RunningJob job;
  ShareCoresWith(1);
  EXPECT_EQ(job.Threads({}).others, OthersOf(2));
  EXPECT_EQ(job.Threads({}).encoder, UsableCores());
  const RunningJob another;
  EXPECT_EQ(job.Threads({}).others, OthersOf(3));
  ShareCoresWith(0);
  EXPECT_EQ(job.Threads({}).others, OthersOf(2));
}

TEST_F(CpuBudget, JobKeepsOneThreadHoweverManyRunElsewhere) {
  const RunningJob job;
  ShareCoresWith(std::numeric_limits<int>::max());
  EXPECT_EQ(job.Threads({}).others, 1);
}

TEST_F(CpuBudget, NumberBelowZeroIsNone) {
  const RunningJob job;
  ShareCoresWith(-7);
  EXPECT_EQ(job.Threads({}).others, UsableCores());
}

TEST_F(CpuBudget, ThreadsThatWereAskedForAreNotShared) {
  const RunningJob job;
  ShareCoresWith(5);
  EXPECT_EQ(job.Threads(3).encoder, 3);
  EXPECT_EQ(job.Threads(3).others, 3);
}

}  // namespace
}  // namespace opencut
