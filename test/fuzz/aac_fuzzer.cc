// AudioSpecificConfig, the start of AAC frames, and frames written from any spectrum.
#include <cstring>
#include <vector>

#include "base/error.h"
#include "bitstream/aac_config.h"
#include "bitstream/aac_frame.h"
#include "bitstream/aac_frame_writer.h"
#include "test/fuzz/fuzz_input.h"

namespace opencut {
namespace {

void CheckWritten(FuzzInput& input) {
  constexpr std::size_t kMostBytesOfChannel = 6144 / 8;
  constexpr AacWindowSequence kSequences[] = {
      AacWindowSequence::kOnlyLong, AacWindowSequence::kLongStart, AacWindowSequence::kLongStop};
  const std::uint8_t choice = input.Byte();
  const AacWindow window{kSequences[choice % 3], static_cast<AacWindowShape>(choice / 3 % 2)};
  std::vector<AacSpectrum> channels(1 + choice / 6 % 2);
  const int exponent = input.Byte() % 16;
  for (AacSpectrum& spectrum : channels) {
    for (float& line : spectrum) {
      line = static_cast<float>(static_cast<std::int8_t>(input.Byte()) * (1 << exponent));
    }
  }
  const Bytes frame = WriteAacFrame(channels, window, choice % 2 == 0 ? 48'000 : 32'000);
  Require(frame.size() <= channels.size() * kMostBytesOfChannel, "a frame keeps to its room");
  const std::optional<AacWindow> read = ReadAacWindow(frame);
  Require(read && read->sequence == window.sequence && read->shape == window.shape,
          "a frame's window can be read");
}

}  // namespace
}  // namespace opencut

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  FuzzInput input(data, size);
  const bool writes = input.Byte() % 4 == 0;
  if (writes) {
    CheckWritten(input);
    return 0;
  }
  const std::span<const std::uint8_t> bytes = input.Rest();
  ReadAacWindow(bytes);
  try {
    const AacConfig config = ParseAacConfig(bytes);
    Require(config.sample_rate > 0, "a rate is above 0");
  } catch (const Error&) {
  }
  return 0;
}
