// avcC, hvcC and Annex B extradata: what is written of what was read reads the same.
#include <algorithm>

#include "base/error.h"
#include "bitstream/extradata.h"
#include "test/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  FuzzInput input(data, size);
  const NalCodec codec = input.Byte() % 2 == 0 ? NalCodec::kH264 : NalCodec::kHevc;
  Bytes record;
  ParameterSets sets;
  try {
    sets = ParseExtradata(codec, input.Rest()).sets;
    record = WriteExtradata(sets);
  } catch (const Error&) {
    return 0;
  }
  try {
    const Extradata again = ParseExtradata(codec, record);
    // A record keeps SEI before and behind pictures apart.
    ParameterSets read = again.sets;
    std::sort(read.sei.begin(), read.sei.end());
    std::sort(sets.sei.begin(), sets.sei.end());
    Require(read == sets, "a written record holds the sets");
    Require(again.framing == NalFraming(), "a written record says 4-byte lengths");
  } catch (const Error& error) {
    Require(false, error.what());
  }
  return 0;
}
