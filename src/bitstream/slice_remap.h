// Changes the pps_id of a slice without touching, or even reading, what follows it.
#pragma once

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"
#include "bitstream/parameter_set_ids.h"

namespace opencut {

// Whether a slice's pps_id can be changed from one to the other: the ue(v) code of the new one has
// the same length or is exactly 8 bits longer.
bool CanRemapPpsId(int from, int to);

// pic_parameter_set_id of a slice. Throws Error(kExec) for a truncated slice.
int PpsIdOfSlice(NalCodec codec, ByteView nal);

// Appends the slice's NAL unit, its pps_id replaced as `mapping` says, to `out`. The cost is that
// of one memcpy. Throws Error(kExec) for a slice that is truncated or whose pps_id is not in the
// mapping. REQUIRES: IsSlice(codec, nal), and CanRemapPpsId() for each pair in mapping.pps.
void AppendRemappedSlice(NalCodec codec, ByteView nal, const IdMapping& mapping, Bytes& out);

}  // namespace opencut
