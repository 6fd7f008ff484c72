#include "pipelines/runner.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "base/error.h"

namespace opencut {
namespace {

void WaitForCancel(const CancellationToken& token) {
  std::mutex mutex;
  std::condition_variable changed;
  const auto wake = token.OnCancel([&] {
    std::lock_guard lock(mutex);
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return token.IsCancelled(); });
}

TEST(Runner, ReportsTheFirstFailureAndStopsTheOtherThreads) {
  CancellationSource outer;
  Runner runner(outer.token(), nullptr);
  std::atomic<int> stopped{0};
  for (int i = 0; i < 3; ++i) {
    runner.Start([&] {
      WaitForCancel(runner.token());
      ++stopped;
      throw Cancelled();
    });
  }
  runner.Start([] { throw Error(ErrorCode::kFs, "the disk is full"); });
  try {
    runner.Join();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the disk is full");
  }
  EXPECT_EQ(stopped, 3);
}

TEST(Runner, StopsWhenTheJobIsCancelled) {
  CancellationSource outer;
  Runner runner(outer.token(), nullptr);
  runner.Start([&] {
    WaitForCancel(runner.token());
    throw Cancelled();
  });
  outer.Cancel();
  EXPECT_THROW(runner.Join(), Cancelled);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kAddressSpaceIsFree = false;
#else
constexpr bool kAddressSpaceIsFree = true;
#endif

void FailToStartAThread() {
  const rlimit none{.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
  setrlimit(RLIMIT_AS, &none);
  CancellationSource outer;
  Runner runner(outer.token(), nullptr);
  runner.Start([] {});
  try {
    runner.Join();
  } catch (const Error& error) {
    _exit(error.code() == ErrorCode::kExec && runner.token().IsCancelled() ? 0 : 1);
  }
  _exit(2);
}

TEST(Runner, FailsTheJobWhenNoThreadCanBeStarted) {
  if (!kAddressSpaceIsFree) GTEST_SKIP() << "sanitizers need the address space";
  // In a process of its own, which has no stack left over from other threads.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(FailToStartAThread(), ::testing::ExitedWithCode(0), "");
}

TEST(Runner, CountsWhatFailsOnTheCallersThreadToo) {
  CancellationSource outer;
  Runner runner(outer.token(), nullptr);
  runner.RunHere([] { throw std::runtime_error("here"); });
  EXPECT_TRUE(runner.token().IsCancelled());
  EXPECT_THROW(runner.Join(), std::runtime_error);
}

TEST(Runner, CancelsAndWaitsWhenItIsDestroyed) {
  std::atomic<bool> ended{false};
  {
    CancellationSource outer;
    Runner runner(outer.token(), nullptr);
    runner.Start([&] {
      WaitForCancel(runner.token());
      ended = true;
    });
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace opencut
