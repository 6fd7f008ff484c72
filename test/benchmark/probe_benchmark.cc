// What finding out about an MP4 file costs, beside opening it, which nobody can do without.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "media/libav_ptr.h"
#include "media/probe.h"

namespace opencut {
namespace {

// Set by `npm run bench`: a camera's file of the whole exports' kind.
std::string File() {
  const char* path = std::getenv("OPENCUT_BENCHMARK_FILE");
  return path == nullptr ? "" : path;
}

InputFormatPtr OpenByLibavAlone(const std::string& path) {
  AVFormatContext* context = nullptr;
  Check(avformat_open_input(&context, path.c_str(), nullptr, nullptr), "open " + path);
  return InputFormatPtr(context);
}

template <typename Work>
void OnFile(benchmark::State& state, const Work& work) {
  const std::string path = File();
  if (path.empty()) {
    state.SkipWithError("OPENCUT_BENCHMARK_FILE names no file");
    return;
  }
  for (auto _ : state) work(path);
}

void OpenByLibav(benchmark::State& state) {
  OnFile(state, [](const std::string& path) { benchmark::DoNotOptimize(OpenByLibavAlone(path)); });
}
BENCHMARK(OpenByLibav)->Unit(benchmark::kMicrosecond);

void WarmProbe(benchmark::State& state) {
  OnFile(state, [](const std::string& path) { benchmark::DoNotOptimize(Probe(path, {})); });
}
BENCHMARK(WarmProbe)->Unit(benchmark::kMicrosecond);

// As every caller of libav does who does not read the header himself.
void OpenAndFindStreamInfo(benchmark::State& state) {
  OnFile(state, [](const std::string& path) {
    const InputFormatPtr context = OpenByLibavAlone(path);
    Check(avformat_find_stream_info(context.get(), nullptr), "find stream info");
  });
}
BENCHMARK(OpenAndFindStreamInfo)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace opencut
