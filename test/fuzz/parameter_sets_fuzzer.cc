// Parameter sets in Annex B, as an encoder or a transport stream brings them: read, given other
// ids, written into a configuration record.
#include "base/error.h"
#include "bitstream/extradata.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/parameter_set_ids.h"
#include "bitstream/sps_timing.h"
#include "test/fuzz/fuzz_input.h"

namespace opencut {
namespace {

void CheckH264(const ParameterSets& before, const ParameterSets& after) {
  for (std::size_t i = 0; i < before.sps.size(); ++i) {
    const H264Sps was = ParseH264Sps(before.sps[i]);
    const H264Sps is = ParseH264Sps(after.sps[i]);
    Require(was.width == is.width && was.height == is.height, "an SPS keeps its size");
    Require(was.frame_num_bits == is.frame_num_bits, "an SPS keeps frame_num's width");
    Require(was.usability.colour == is.usability.colour, "an SPS keeps its colour");
    Require(ReorderDepth(was) == ReorderDepth(is), "an SPS keeps its reordering");
  }
  for (std::size_t i = 0; i < before.pps.size(); ++i) {
    Require(ParseH264Pps(before.pps[i]).cabac == ParseH264Pps(after.pps[i]).cabac,
            "a PPS keeps its entropy coding");
  }
}

void CheckHevc(const ParameterSets& before, const ParameterSets& after) {
  for (std::size_t i = 0; i < before.sps.size(); ++i) {
    const HevcSps was = ParseHevcSps(before.sps[i]);
    const HevcSps is = ParseHevcSps(after.sps[i]);
    Require(was.width == is.width && was.height == is.height, "an SPS keeps its size");
    Require(was.max_sub_layers == is.max_sub_layers, "an SPS keeps its sub-layers");
  }
}

// The first family keeps its ids, so that the one under test has to change them.
void Renumber(const ParameterSets& sets) {
  IdAllocation allocation(sets.codec);
  allocation.ReserveEncoderIds();
  ParameterSets other = sets;
  for (Bytes& pps : other.pps) pps.push_back(0x80);
  allocation.Add(other);
  const std::optional<IdMapping> mapping = allocation.Add(sets);
  if (!mapping) return;
  const ParameterSets renumbered = RemapParameterSets(sets, *mapping);
  if (sets.codec == NalCodec::kH264) {
    CheckH264(sets, renumbered);
    CheckH264(sets, WithoutTiming(sets));
  } else {
    CheckHevc(sets, renumbered);
  }
}

}  // namespace
}  // namespace opencut

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace opencut;
  FuzzInput input(data, size);
  const NalCodec codec = input.Byte() % 2 == 0 ? NalCodec::kH264 : NalCodec::kHevc;
  try {
    const ParameterSets sets = ParameterSetsFromAnnexB(codec, input.Rest());
    Renumber(sets);
  } catch (const Error&) {
  }
  return 0;
}
