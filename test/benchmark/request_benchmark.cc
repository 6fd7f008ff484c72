// What crosses the border to JavaScript: an export config as JSON text.
#include <benchmark/benchmark.h>

#include <string>

#include "json/request.h"

namespace opencut {
namespace {

std::string RequestText(int segments) {
  std::string text =
      R"({"config":{"version":1,"id":"a","projectId":"b","projectName":"c",)"
      R"("createdAt":"2026-01-01T00:00:00.000Z","sources":[)"
      R"({"id":"1","name":"Camera 1","filePath":"cam1.mp4","width":1920,"height":1080,"fps":30}],)"
      R"("output":{"filePath":"out.mp4","format":"mp4","codec":"copy"},"segments":[)";
  for (int i = 0; i < segments; ++i) {
    text += std::string(i == 0 ? "" : ",") + R"({"sourceIndex":0,"startTime":)" +
            std::to_string(i * 5.47) + R"(,"endTime":)" + std::to_string(i * 5.47 + 5.47) +
            R"(,"audioFromSource":true})";
  }
  return text + "]}}";
}

// Items: segments.
void ConfigOfSegments(benchmark::State& state) {
  const std::string text = RequestText(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(ParseExportRequest(text));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(ConfigOfSegments)->Arg(21)->Arg(155)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace opencut
