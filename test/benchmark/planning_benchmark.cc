// From an edit and what is known of its sources to a plan.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "test/timeline/random.h"
#include "test/timeline/synthetic_source.h"
#include "timeline/decode_order.h"
#include "timeline/gop_index.h"
#include "timeline/planner.h"

namespace opencut {
namespace {

constexpr int kSources = 3;
constexpr int kSeconds = 120;
constexpr int kFramesPerSecond = 30;

SyntheticStream Camera() {
  StreamPattern pattern;
  pattern.pictures = kSeconds * kFramesPerSecond;
  return SyntheticStream(pattern);
}

// `count` segments in turn from all sources, with cuts between keyframes.
Edit EditOf(int count) {
  Edit edit;
  const Seconds length(kSeconds, count);
  for (int i = 0; i < count; ++i) {
    Segment segment;
    segment.source = i % kSources;
    segment.start = length * Rational(i) * Rational(9, 10);
    segment.end = segment.start + length;
    edit.segments.push_back(segment);
  }
  return edit;
}

// Items: segments.
void PlanOfSegments(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  const Edit edit = EditOf(count);
  const SyntheticStream camera = Camera();
  const std::vector<RunRange> runs = JoinRuns(edit.segments);
  Random random(1);
  std::vector<PlanSource> sources;
  for (int i = 0; i < kSources; ++i) {
    sources.push_back(camera.Source());
    sources.back().index = LazyIndex(camera, runs, Seconds(1, 10), RenderMode::kHybrid, random);
  }
  for (auto _ : state) benchmark::DoNotOptimize(MakePlan(edit, sources, {}));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(PlanOfSegments)->Arg(21)->Arg(155)->Unit(benchmark::kMicrosecond);

// Items: packets, in windows of a GOP each that touch.
void IndexOfWindows(benchmark::State& state) {
  const SyntheticStream camera = Camera();
  const std::int64_t gop = camera.pattern().gop_length;
  std::vector<GopWindow> windows;
  for (std::int64_t first = 0; first < camera.packet_count(); first += gop) {
    windows.push_back(camera.Window(first, first + gop, Knowing::kDecoding));
  }
  for (auto _ : state) {
    GopIndex index;
    for (const GopWindow& window : windows) index.Add(window);
    benchmark::DoNotOptimize(index);
  }
  state.SetItemsProcessed(state.iterations() * camera.packet_count());
}
BENCHMARK(IndexOfWindows)->Unit(benchmark::kMicrosecond);

// Items: packets.
void DecodingTimes(benchmark::State& state) {
  const SyntheticStream camera = Camera();
  for (auto _ : state) {
    DecodeClock clock(camera.reorder_depth(), camera.pattern().frame_ticks);
    for (const IndexedPacket& packet : camera.packets()) {
      benchmark::DoNotOptimize(clock.Next(packet.pts));
    }
  }
  state.SetItemsProcessed(state.iterations() * camera.packet_count());
}
BENCHMARK(DecodingTimes)->Unit(benchmark::kMicrosecond);

// Items: times, from nanoseconds to ticks of two clocks and back.
void ExactTimes(benchmark::State& state) {
  std::int64_t nanoseconds = 0;
  for (auto _ : state) {
    nanoseconds += 33'366'667;
    const Seconds time =
        Rational(nanoseconds % 1'000'000'000'000, 1'000'000'000) + Seconds(1, 90'000);
    const std::int64_t ticks = ToTicks(time, Rational(1001, 30'000), Rounding::kNearest);
    benchmark::DoNotOptimize(FromTicks(ticks, Rational(1, 90'000)) < time);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ExactTimes);

}  // namespace
}  // namespace opencut
