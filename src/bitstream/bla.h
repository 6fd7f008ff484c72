// Makes an HEVC stream begin in its middle.
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// Gives the slices of a CRA or BLA picture the type BLA_N_LP, which says that no pictures lead it
// (HEVC, 7.4.2.2): the decoder then begins anew, whatever it has decoded before. Other NAL units
// stay. Both types have the same slice header (7.3.6.1), so nothing else changes. Throws
// Error(kExec) for a malformed sample. REQUIRES: HEVC.
void MakeBlaWithoutLeading(Bytes& sample, NalFraming framing);

}  // namespace opencut
