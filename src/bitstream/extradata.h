// A stream's extradata as libav hands it over, whichever of its forms it has: avcC or hvcC (MP4,
// Matroska), or parameter sets in Annex B (MPEG-TS, encoders).
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

struct Extradata {
  ParameterSets sets;
  NalFraming framing;  // Of the stream's packets.
};

// Throws Error(kExec) when it is malformed or holds no SPS or no PPS.
Extradata ParseExtradata(NalCodec codec, ByteView extradata);

// The avcC or hvcC of these sets, for packets with 4-byte lengths. Throws Error(kExec) as
// MakeAvcConfig and MakeHevcConfig do.
Bytes WriteExtradata(const ParameterSets& sets);

}  // namespace opencut
