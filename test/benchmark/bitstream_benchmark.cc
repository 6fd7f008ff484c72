// What is done to each copied sample.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "bitstream/access_unit.h"
#include "bitstream/parameter_set_ids.h"
#include "bitstream/sample_rewriter.h"
#include "test/timeline/random.h"

namespace opencut {
namespace {

// Written by x264: 1080p, High, CABAC.
const Bytes kSps = {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02,
                    0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04,
                    0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58};
const Bytes kPps = {0x68, 0xef, 0x8f, 0xcb};
constexpr NalFraming kFraming{};

ParameterSets Family() {
  ParameterSets sets;
  sets.sps = {kSps};
  sets.pps = {kPps};
  return sets;
}

// The ids that the second source of an output gets.
IdMapping NewIds() {
  IdMapping mapping;
  mapping.sps[0] = 1;
  mapping.pps[0] = 15;
  return mapping;
}

// One P slice of `size` bytes: noise, in which emulation prevention is as frequent as in coded
// pictures.
Bytes Sample(std::size_t size) {
  Bytes sample = {0, 0, 0, 0, 0x41, 0x9a};  // first_mb 0, slice_type P, pps_id 0.
  Random random(1);
  while (sample.size() < size) {
    auto byte = static_cast<std::uint8_t>(random.Next());
    const std::size_t n = sample.size();
    if (n > 8 && sample[n - 1] == 0 && sample[n - 2] == 0 && byte <= 3) byte = 3;
    sample.push_back(byte);
  }
  sample.back() = 0x80;
  const auto length = static_cast<std::uint32_t>(sample.size() - 4);
  for (int i = 0; i < 4; ++i)
    sample[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  return sample;
}

void SetBytes(benchmark::State& state, const Bytes& sample) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample.size()));
}

void SampleUnderNewIds(benchmark::State& state) {
  const SampleRewriter rewriter(Family(), NewIds(), {.framing = kFraming});
  const Bytes sample = Sample(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(rewriter.Rewrite(sample));
  SetBytes(state, sample);
}
BENCHMARK(SampleUnderNewIds)->Arg(2'000)->Arg(35'000)->Arg(200'000);

void SampleUnderItsOwnIds(benchmark::State& state) {
  IdMapping same;
  same.sps[0] = 0;
  same.pps[0] = 0;
  const SampleRewriter rewriter(Family(), same, {.framing = kFraming});
  const Bytes sample = Sample(35'000);
  for (auto _ : state) benchmark::DoNotOptimize(rewriter.Rewrite(sample));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SampleUnderItsOwnIds);

void KindOfSample(benchmark::State& state) {
  const AccessUnitClassifier classifier(Family(), kFraming);
  const Bytes sample = Sample(35'000);
  for (auto _ : state) benchmark::DoNotOptimize(classifier.Classify(sample));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(KindOfSample);

// Items: parameter-set families brought under ids of their own.
void FamiliesInOneOutput(benchmark::State& state) {
  const ParameterSets family = Family();
  for (auto _ : state) {
    IdAllocation allocation(NalCodec::kH264);
    benchmark::DoNotOptimize(RemapParameterSets(family, *allocation.Add(family)));
    benchmark::DoNotOptimize(allocation.ReserveEncoderIds());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(FamiliesInOneOutput);

}  // namespace
}  // namespace opencut
