// Gives each parameter-set family (the sets of one source or one encoder) ids of its own, so that
// the sets of all of them can stand side by side in one avcC or hvcC.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

// Whether every id stays as it is.
bool IsIdentity(const std::map<int, int>& ids);

// Old id -> new id for the sets of one family. An id that the family does not have is not in it.
struct IdMapping {
  std::map<int, int> vps;  // HEVC only.
  std::map<int, int> sps;
  std::map<int, int> pps;

  bool IsIdentity() const {
    return opencut::IsIdentity(vps) && opencut::IsIdentity(sps) && opencut::IsIdentity(pps);
  }
};

// The new id of `id`, one of mapping's members. Throws Error(kExec) when it has none; `kind`, for
// example "SPS", is for the message.
int NewId(const std::map<int, int>& ids, int id, const char* kind);

// The family under its new ids. SEI are kept as they are. Throws Error(kExec) for a set that cannot
// be parsed or whose ids are not in the mapping.
ParameterSets RemapParameterSets(const ParameterSets& sets, const IdMapping& mapping);

// The NAL unit of one VPS, SPS, SPS extension or PPS under its new ids. Throws likewise.
Bytes RemapParameterSet(NalCodec codec, ByteView nal, const IdMapping& mapping);

// Which ids are taken in one output. Families with equal sets share them.
class IdAllocation {
 public:
  explicit IdAllocation(NalCodec codec);

  // Finds ids for a family and takes them; the first one keeps its own. A slice's pps_id can only
  // become one whose code has the same length or is one byte longer (see slice_remap.h). Nothing:
  // there are not enough such ids left, and nothing was taken; re-encode the family.
  // Throws Error(kExec) when a set cannot be parsed.
  std::optional<IdMapping> Add(const ParameterSets& family);

  // Takes ids for the sets of an encoder. x264 can be told one number for both SPS and PPS, which
  // is then both old and new id of the mapping; x265 numbers its only sets 0, and gets the last
  // that are free. Nothing: none are left.
  std::optional<IdMapping> ReserveEncoderIds();

 private:
  using Slots = std::vector<std::optional<Bytes>>;  // By id: the set that has it; empty = reserved.

  NalCodec codec_;
  Slots vps_;
  Slots sps_;
  Slots pps_;
};

}  // namespace opencut
