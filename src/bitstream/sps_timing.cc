#include "bitstream/sps_timing.h"

#include <utility>

#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/nal_unit.h"

namespace opencut {
namespace {

constexpr std::size_t kTimingBits = 32 + 32 + 1;

}  // namespace

Bytes WithoutTiming(ByteView sps) {
  const H264Sps parsed = ParseH264Sps(sps);
  const Bytes raw = StripEmulationPrevention(sps);
  const ByteView rbsp = ByteView(raw).subspan(NalHeaderSize(NalCodec::kH264));
  BitReader reader(rbsp);
  BitWriter writer;
  if (!parsed.timing_flag_position) return Bytes(sps.begin(), sps.end());
  writer.CopyBits(reader, *parsed.timing_flag_position);
  if (!reader.ReadFlag()) return Bytes(sps.begin(), sps.end());
  writer.WriteFlag(false);
  reader.SkipBits(kTimingBits);
  writer.CopyBits(reader, reader.StopBitPosition() - reader.position());
  writer.WriteTrailingBits();
  Bytes result = {sps[0]};
  result.insert(result.end(), writer.bytes().begin(), writer.bytes().end());
  return InsertEmulationPrevention(result);
}

ParameterSets WithoutTiming(ParameterSets sets) {
  for (Bytes& sps : sets.sps) sps = WithoutTiming(sps);
  return sets;
}

}  // namespace opencut
