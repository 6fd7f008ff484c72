// Makes an HEVC stream begin, or begin anew, in its middle.
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// Gives the slices of a CRA or BLA picture another type of BLA picture: kBlaNLp says that no
// pictures lead it, kBlaWRadl that those can be decoded (HEVC, 7.4.2.2). The decoder then begins
// anew, whatever it has decoded before. Other NAL units stay. All these types have the same slice
// header (7.3.6.1), so nothing else changes. Throws Error(kExec) for a malformed sample. REQUIRES:
// HEVC.
void MakeBla(Bytes& sample, NalFraming framing, HevcNalType type);

}  // namespace opencut
