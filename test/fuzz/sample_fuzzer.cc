// Samples of a stream whose header is in order: told apart, renumbered, cut, made to begin anew.
#include "base/error.h"
#include "bitstream/access_unit.h"
#include "bitstream/bla.h"
#include "bitstream/extradata.h"
#include "bitstream/sample_rewriter.h"
#include "bitstream/sei.h"
#include "test/fuzz/fuzz_input.h"

namespace opencut {
namespace {

template <typename Step>
void Tolerate(const Step& step) {
  try {
    step();
  } catch (const Error&) {
  }
}

void CheckEscaping(ByteView bytes) {
  Bytes raw(bytes.begin(), bytes.end());
  raw.push_back(0x80);  // A NAL unit does not end with a zero byte (7.4.1).
  const Bytes nal = InsertEmulationPrevention(raw);
  Require(StripEmulationPrevention(nal) == raw, "emulation prevention goes in and out");
  for (std::size_t i = 2; i < nal.size(); ++i) {
    Require(nal[i - 2] != 0 || nal[i - 1] != 0 || nal[i] > 2, "no start code is left");
  }
}

void CheckSei(NalCodec codec, ByteView sample, NalFraming framing) {
  for (const ByteView nal : SplitNalUnits(sample, framing)) {
    if (!IsSei(codec, nal)) continue;
    const std::vector<SeiMessage> messages = ParseSei(codec, nal);
    if (messages.empty()) continue;
    const std::vector<SeiMessage> again = ParseSei(codec, WriteSei(codec, nal, messages));
    Require(again.size() == messages.size(), "SEI messages are written whole");
    for (std::size_t i = 0; i < again.size(); ++i) {
      Require(again[i].payload == messages[i].payload, "SEI payloads are written whole");
    }
  }
}

void Rewrite(const ParameterSets& sets, ByteView sample, NalFraming framing) {
  IdAllocation allocation(sets.codec);
  ParameterSets other = sets;
  for (Bytes& pps : other.pps) pps.push_back(0x80);
  allocation.Add(other);
  const std::optional<IdMapping> mapping = allocation.Add(sets);
  if (!mapping) return;
  const SampleRewriter rewriter(sets, *mapping, {.framing = framing});
  Tolerate([&] {
    if (const std::optional<Bytes> out = rewriter.Rewrite(sample)) {
      SplitNalUnits(*out, NalFraming());
    }
  });
}

}  // namespace
}  // namespace opencut

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  FuzzInput input(data, size);
  const NalCodec codec = input.Byte() % 2 == 0 ? NalCodec::kH264 : NalCodec::kHevc;
  const NalFraming framing{.length_size = input.Byte() % 5};
  const std::span<const std::uint8_t> header = input.Block();
  const std::span<const std::uint8_t> sample = input.Rest();
  CheckEscaping(sample);
  Tolerate([&] { ToLengthPrefixed(codec, sample, framing, {}); });
  Tolerate([&] { CheckSei(codec, sample, framing); });
  Tolerate([&] {
    Bytes copy(sample.begin(), sample.end());
    if (codec == NalCodec::kHevc) MakeBla(copy, framing, HevcNalType::kBlaNLp);
  });
  Tolerate([&] {
    const ParameterSets sets = ParseExtradata(codec, header).sets;
    const AccessUnitClassifier classifier(sets, framing);
    classifier.ClassifyStart(sample);
    Tolerate([&] { classifier.Classify(sample); });
    Rewrite(sets, sample, framing);
  });
  return 0;
}
