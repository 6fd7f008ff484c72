// What hands packets from one thread to the next.
#include <benchmark/benchmark.h>

#include <thread>

#include "base/bounded_queue.h"

namespace opencut {
namespace {

// Items: handed over by one thread to another, at most `capacity` of them on the way.
void QueueBetweenThreads(benchmark::State& state) {
  constexpr int kItems = 10'000;
  for (auto _ : state) {
    BoundedQueue<int> queue(static_cast<std::size_t>(state.range(0)), {});
    std::thread producer([&queue] {
      for (int i = 0; i < kItems; ++i) queue.Push(i, 1);
      queue.Close();
    });
    while (const std::optional<int> item = queue.Pop()) benchmark::DoNotOptimize(*item);
    producer.join();
  }
  state.SetItemsProcessed(state.iterations() * kItems);
}
BENCHMARK(QueueBetweenThreads)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace opencut
