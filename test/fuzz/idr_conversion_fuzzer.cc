// An H.264 stream of several samples, from one of which on it is converted to begin anew.
#include <vector>

#include "base/error.h"
#include "bitstream/extradata.h"
#include "bitstream/idr_conversion.h"
#include "test/fuzz/fuzz_input.h"

namespace opencut {
namespace {

// What is converted can be read, and its numbers are new.
void CheckReadable(const H264Sets& sets, ByteView sample) {
  for (const ByteView nal : SplitNalUnits(sample, NalFraming())) {
    const H264NalType type = H264TypeOf(nal);
    if (type != H264NalType::kSlice && type != H264NalType::kSliceIdr) continue;
    try {
      ParseH264SliceHeader(nal, sets);
    } catch (const Error& error) {
      Require(false, error.what());
    }
  }
}

void Convert(const ParameterSets& sets, FuzzInput& input) {
  const H264Sets parsed = ParseH264Sets(sets);
  IdrConversion conversion(sets, NalFraming());
  const int before = input.Byte() % 8;
  for (int i = 0; i < before; ++i) conversion.Follow(input.Block(), SampleExtent::kStart);
  CheckReadable(parsed, conversion.Begin(input.Block(), input.Byte()));
  while (!input.empty()) {
    if (input.Byte() % 4 == 0) {
      conversion.LeaveOut(input.Block());
    } else {
      CheckReadable(parsed, conversion.Convert(input.Block()));
    }
  }
}

}  // namespace
}  // namespace opencut

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  FuzzInput input(data, size);
  try {
    Convert(ParseExtradata(NalCodec::kH264, input.Block()).sets, input);
  } catch (const Error&) {
  }
  return 0;
}
