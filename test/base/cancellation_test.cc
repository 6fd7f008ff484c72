#include "base/cancellation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace opencut {
namespace {

using namespace std::chrono_literals;

TEST(CancellationToken, IsNeverCancelledWithoutASource) {
  const CancellationToken token;
  EXPECT_FALSE(token.IsCancelled());
  EXPECT_NO_THROW(token.ThrowIfCancelled());
  bool called = false;
  {
    const auto registration = token.OnCancel([&] { called = true; });
  }
  EXPECT_FALSE(called);
}

TEST(CancellationToken, CopiesFollowTheirSource) {
  CancellationSource source;
  const CancellationToken token = source.token();
  const CancellationToken copy = token;  // NOLINT: the copy is what is tested.
  EXPECT_FALSE(copy.IsCancelled());
  source.Cancel();
  EXPECT_TRUE(token.IsCancelled());
  EXPECT_TRUE(copy.IsCancelled());
  EXPECT_THROW(copy.ThrowIfCancelled(), Cancelled);
}

TEST(CancellationToken, OutlivesItsSource) {
  std::optional<CancellationSource> source(std::in_place);
  const CancellationToken token = source->token();
  const auto registration = token.OnCancel([] {});
  source.reset();
  EXPECT_FALSE(token.IsCancelled());
}

TEST(CancellationToken, CallsBackOnceOnTheCancellingThread) {
  CancellationSource source;
  int calls = 0;
  std::thread::id thread;
  const auto registration = source.token().OnCancel([&] {
    ++calls;
    thread = std::this_thread::get_id();
  });
  EXPECT_EQ(calls, 0);
  source.Cancel();
  source.Cancel();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST(CancellationToken, CallsBackAtOnceWhenItIsTooLate) {
  CancellationSource source;
  source.Cancel();
  int calls = 0;
  const auto registration = source.token().OnCancel([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(CancellationToken, ForgetsACallbackWithItsRegistration) {
  CancellationSource source;
  int calls = 0;
  {
    const auto registration = source.token().OnCancel([&] { ++calls; });
  }
  auto replaced = source.token().OnCancel([&] { calls += 10; });
  replaced = source.token().OnCancel([&] { calls += 100; });
  auto moved = std::move(replaced);
  source.Cancel();
  EXPECT_EQ(calls, 100);
}

TEST(CancellationToken, DestroyingARegistrationWaitsForItsRunningCallback) {
  CancellationSource source;
  std::promise<void> started;
  std::atomic<bool> finished = false;
  std::optional<CancellationToken::Registration> registration = source.token().OnCancel([&] {
    started.set_value();
    std::this_thread::sleep_for(50ms);
    finished = true;
  });
  std::thread canceller([&] { source.Cancel(); });
  started.get_future().wait();
  EXPECT_FALSE(finished);
  registration.reset();
  EXPECT_TRUE(finished) << "what the callback uses may go now";
  canceller.join();
}

// Run under -fsanitize=thread: no callback runs on what its registration has outlived.
TEST(CancellationToken, RegistrationsComeAndGoWhileItIsCancelled) {
  for (int round = 0; round < 200; ++round) {
    CancellationSource source;
    std::atomic<bool> stop = false;
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
      workers.emplace_back([&, token = source.token()] {
        while (!stop) {
          int calls = 0;
          {
            const auto registration = token.OnCancel([&calls] { ++calls; });
          }
          EXPECT_LE(calls, 1);
        }
      });
    }
    std::thread canceller([&] { source.Cancel(); });
    canceller.join();
    EXPECT_TRUE(source.token().IsCancelled());
    stop = true;
    for (std::thread& worker : workers) worker.join();
  }
}

}  // namespace
}  // namespace opencut
