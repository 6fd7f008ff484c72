#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace opencut {
namespace {

using namespace std::chrono_literals;

// Long enough for a thread to have done what it can do, short enough for a test.
constexpr auto kMoment = 50ms;
constexpr auto kFarTooLong = 20s;

template <typename T>
bool IsStuck(std::future<T>& result) {
  return result.wait_for(kMoment) == std::future_status::timeout;
}

template <typename T>
T Taken(std::future<T>& result) {
  EXPECT_EQ(result.wait_for(kFarTooLong), std::future_status::ready);
  return result.get();
}

TEST(BoundedQueue, HandsItemsOnInOrder) {
  BoundedQueue<int> queue(100, CancellationToken());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.Push(i, 1));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.Pop(), i);
}

TEST(BoundedQueue, MovesItems) {
  BoundedQueue<std::unique_ptr<int>> queue(1, CancellationToken());
  EXPECT_TRUE(queue.Push(std::make_unique<int>(7), 1));
  const std::optional<std::unique_ptr<int>> item = queue.Pop();
  ASSERT_TRUE(item && *item);
  EXPECT_EQ(**item, 7);
}

TEST(BoundedQueue, TakesNoMoreInOnceItHoldsItsBytes) {
  BoundedQueue<int> queue(10, CancellationToken());
  EXPECT_TRUE(queue.Push(1, 9));
  EXPECT_TRUE(queue.Push(2, 1)) << "below the bound, whatever is added";
  std::future<bool> third = std::async(std::launch::async, [&] { return queue.Push(3, 1); });
  EXPECT_TRUE(IsStuck(third));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_TRUE(Taken(third));
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), 3);
}

TEST(BoundedQueue, LetsAnItemLargerThanTheBoundPassAlone) {
  BoundedQueue<int> queue(10, CancellationToken());
  EXPECT_TRUE(queue.Push(1, 1'000'000));
  std::future<bool> second = std::async(std::launch::async, [&] { return queue.Push(2, 1); });
  EXPECT_TRUE(IsStuck(second));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_TRUE(Taken(second));
}

TEST(BoundedQueue, PopWaitsForAnItem) {
  BoundedQueue<int> queue(10, CancellationToken());
  std::future<std::optional<int>> popped =
      std::async(std::launch::async, [&] { return queue.Pop(); });
  EXPECT_TRUE(IsStuck(popped));
  EXPECT_TRUE(queue.Push(4, 1));
  EXPECT_EQ(Taken(popped), 4);
}

TEST(BoundedQueue, GivesOutWhatItHoldsAfterItIsClosed) {
  BoundedQueue<int> queue(10, CancellationToken());
  EXPECT_TRUE(queue.Push(1, 1));
  queue.Close();
  queue.Close();
  EXPECT_FALSE(queue.Push(2, 1));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, ClosingWakesBothEnds) {
  BoundedQueue<int> full(1, CancellationToken());
  BoundedQueue<int> empty(1, CancellationToken());
  EXPECT_TRUE(full.Push(1, 1));
  std::future<bool> pushed = std::async(std::launch::async, [&] { return full.Push(2, 1); });
  std::future<std::optional<int>> popped =
      std::async(std::launch::async, [&] { return empty.Pop(); });
  EXPECT_TRUE(IsStuck(pushed));
  EXPECT_TRUE(IsStuck(popped));
  full.Close();
  empty.Close();
  EXPECT_FALSE(Taken(pushed));
  EXPECT_EQ(Taken(popped), std::nullopt);
}

TEST(BoundedQueue, CancellingWakesBothEnds) {
  CancellationSource source;
  BoundedQueue<int> full(1, source.token());
  BoundedQueue<int> empty(1, source.token());
  EXPECT_TRUE(full.Push(1, 1));
  std::future<bool> pushed = std::async(std::launch::async, [&] { return full.Push(2, 1); });
  std::future<std::optional<int>> popped =
      std::async(std::launch::async, [&] { return empty.Pop(); });
  EXPECT_TRUE(IsStuck(pushed));
  EXPECT_TRUE(IsStuck(popped));
  source.Cancel();
  EXPECT_THROW(Taken(pushed), Cancelled);
  EXPECT_THROW(Taken(popped), Cancelled);
}

TEST(BoundedQueue, IsOfNoUseOnceItsJobIsCancelled) {
  CancellationSource source;
  source.Cancel();
  BoundedQueue<int> queue(10, source.token());
  EXPECT_THROW(queue.Push(1, 1), Cancelled);
  EXPECT_THROW(queue.Pop(), Cancelled);
}

TEST(BoundedQueue, MayGoBeforeItsJobIsCancelled) {
  CancellationSource source;
  { const BoundedQueue<int> queue(10, source.token()); }
  source.Cancel();
}

// Run under -fsanitize=thread.
TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int kThreads = 3;
  constexpr int kItemsEach = 2000;
  BoundedQueue<int> queue(7, CancellationToken());
  std::vector<std::thread> producers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&, t] {
      for (int i = 0; i < kItemsEach; ++i) {
        EXPECT_TRUE(queue.Push(t * kItemsEach + i, static_cast<std::size_t>(i % 5)));
      }
    });
  }
  std::vector<std::future<std::vector<int>>> consumers;
  for (int t = 0; t < kThreads; ++t) {
    consumers.push_back(std::async(std::launch::async, [&] {
      std::vector<int> taken;
      while (const std::optional<int> item = queue.Pop()) taken.push_back(*item);
      return taken;
    }));
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  std::vector<int> seen(kThreads * kItemsEach, 0);
  for (auto& consumer : consumers) {
    int last_of[kThreads] = {-1, -1, -1};
    for (const int item : consumer.get()) {
      ++seen[static_cast<std::size_t>(item)];
      EXPECT_GT(item, last_of[item / kItemsEach]) << "in order";
      last_of[item / kItemsEach] = item;
    }
  }
  EXPECT_EQ(seen, std::vector<int>(kThreads * kItemsEach, 1));
}

TEST(BoundedQueue, CanBeCancelledAtAnyMoment) {
  for (int round = 0; round < 300; ++round) {
    CancellationSource source;
    BoundedQueue<int> queue(2, source.token());
    std::atomic<int> ended = 0;
    const auto until_cancelled = [&](auto step) {
      try {
        while (true) step();
      } catch (const Cancelled&) {
        ++ended;
      }
    };
    std::thread producer([&] { until_cancelled([&] { queue.Push(1, 1); }); });
    std::thread consumer([&] { until_cancelled([&] { queue.Pop(); }); });
    if (round % 3 == 0) std::this_thread::yield();
    source.Cancel();
    producer.join();
    consumer.join();
    EXPECT_EQ(ended, 2);
  }
}

}  // namespace
}  // namespace opencut
