// The parameter sets that one source or one encoder uses, as NAL units: what avcC and hvcC carry.
#pragma once

#include <span>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/nal_unit.h"

namespace opencut {

struct ParameterSets {
  NalCodec codec = NalCodec::kH264;
  std::vector<Bytes> vps{};  // HEVC only.
  std::vector<Bytes> sps{};
  std::vector<Bytes> pps{};
  std::vector<Bytes> sps_extensions{};  // H.264 only.
  std::vector<Bytes> sei{};             // HEVC only: messages that hold for the whole stream.

  friend bool operator==(const ParameterSets&, const ParameterSets&) = default;
};

// Takes one NAL unit in; false when it is none of these, or not of HEVC's base layer. One that is
// already there is not doubled. SEI that hold for one picture or name a parameter set, and those
// with the options text of x264 or x265, are passed over. Zero bytes at the end are cut off.
bool AddParameterSet(ByteView nal, ParameterSets& sets);

// The parameter sets (for HEVC also the SEI before the first slice) of an Annex B stream. Throws
// Error(kExec) when it has no SPS or no PPS, or HEVC no VPS.
ParameterSets ParameterSetsFromAnnexB(NalCodec codec, ByteView stream);

// Whether `sets` holds exactly this VPS, SPS, SPS extension or PPS, zero bytes at the end aside.
bool Contains(const ParameterSets& sets, ByteView nal);

// What a parameter set is to a family of them.
enum class SetRelation {
  kSame,      // The family holds it.
  kReplaces,  // It holds another one under its id.
  kAdds,      // It holds none under its id.
};

// Throws Error(kExec) as ParameterSetId() does. REQUIRES: IsParameterSet(), of the base layer.
SetRelation RelationTo(const ParameterSets& family, ByteView nal);

// The id of a VPS, SPS, SPS extension (that of its SPS) or PPS. Throws Error(kExec) when it is
// truncated or something else.
int ParameterSetId(NalCodec codec, ByteView nal);

// The union, in order, without repeats; of SEI messages on light those of the first member that has
// any of their type, since they hold for the whole stream. Throws Error(kExec) when two differ
// under one id. REQUIRES: one codec, at least one member.
ParameterSets MergeParameterSets(std::span<const ParameterSets> members);

}  // namespace opencut
