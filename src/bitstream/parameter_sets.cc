#include "bitstream/parameter_sets.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/hdr_sei.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/sei.h"

namespace opencut {

namespace {

ByteView WithoutTrailingZeros(ByteView nal) {
  while (!nal.empty() && nal.back() == 0) nal = nal.first(nal.size() - 1);
  return nal;
}

bool IsIn(const std::vector<Bytes>& list, ByteView nal) {
  return std::any_of(list.begin(), list.end(), [&](const Bytes& member) {
    return std::equal(member.begin(), member.end(), nal.begin(), nal.end());
  });
}

// The list that the NAL unit belongs to, or null.
std::vector<Bytes> ParameterSets::*ListFor(NalCodec codec, ByteView nal) {
  if (codec == NalCodec::kH264) {
    switch (H264TypeOf(nal)) {
      case H264NalType::kSps:
        return &ParameterSets::sps;
      case H264NalType::kPps:
        return &ParameterSets::pps;
      case H264NalType::kSpsExtension:
        return &ParameterSets::sps_extensions;
      default:
        return nullptr;
    }
  }
  if (nal.size() < 2 || HevcLayerOf(nal) != 0) return nullptr;
  switch (HevcTypeOf(nal)) {
    case HevcNalType::kVps:
      return &ParameterSets::vps;
    case HevcNalType::kSps:
      return &ParameterSets::sps;
    case HevcNalType::kPps:
      return &ParameterSets::pps;
    case HevcNalType::kPrefixSei:
    case HevcNalType::kSuffixSei:
      return &ParameterSets::sei;
    default:
      return nullptr;
  }
}

// Whether a SEI NAL unit may stand in hvcC, that is, for the stream as a whole
// (14496-15, 8.3.3.1.3).
bool IsDeclarative(NalCodec codec, ByteView nal) {
  const std::vector<SeiMessage> messages = ParseSei(codec, nal);
  return std::none_of(messages.begin(), messages.end(), [](const SeiMessage& message) {
    return message.type == kSeiBufferingPeriod || message.type == kSeiPictureTiming ||
           message.type == kSeiActiveParameterSets || message.type == kSeiDecodingUnit ||
           IsEncoderOptions(message);
  });
}

int H264SetId(BitReader reader, H264NalType type) {
  switch (type) {
    case H264NalType::kSps:
      reader.SkipBits(24);  // profile_idc, constraint flags, level_idc
      return static_cast<int>(reader.ReadUeUpTo(31, "seq_parameter_set_id"));
    case H264NalType::kSpsExtension:
      return static_cast<int>(reader.ReadUeUpTo(31, "seq_parameter_set_id"));
    case H264NalType::kPps:
      return static_cast<int>(reader.ReadUeUpTo(255, "pic_parameter_set_id"));
    default:
      throw Error(ErrorCode::kExec, "not an H.264 parameter set");
  }
}

int HevcSetId(BitReader reader, HevcNalType type) {
  switch (type) {
    case HevcNalType::kVps:
      return static_cast<int>(reader.ReadBits(4));
    case HevcNalType::kSps: {
      reader.SkipBits(4);  // sps_video_parameter_set_id
      const int max_sub_layers = static_cast<int>(reader.ReadBits(3)) + 1;
      reader.SkipBits(1);  // sps_temporal_id_nesting_flag
      ParseProfileTierLevel(reader, max_sub_layers);
      return static_cast<int>(reader.ReadUeUpTo(15, "sps_seq_parameter_set_id"));
    }
    case HevcNalType::kPps:
      return static_cast<int>(reader.ReadUeUpTo(63, "pps_pic_parameter_set_id"));
    default:
      throw Error(ErrorCode::kExec, "not an HEVC parameter set");
  }
}

void MergeList(NalCodec codec, const std::vector<Bytes>& from, std::vector<Bytes>& into,
               std::map<int, ByteView>& by_id) {
  for (const Bytes& nal : from) {
    const int id = ParameterSetId(codec, nal);
    const auto [entry, is_new] = by_id.emplace(id, nal);
    if (is_new) {
      into.push_back(nal);
    } else if (!std::equal(nal.begin(), nal.end(), entry->second.begin(), entry->second.end())) {
      throw Error(ErrorCode::kExec,
                  "two different parameter sets have the id " + std::to_string(id));
    }
  }
}

void MergeSei(NalCodec codec, const std::vector<Bytes>& from, std::vector<Bytes>& into) {
  std::set<int> taken;
  for (const Bytes& nal : into) {
    for (const int type : HdrMessageTypes(codec, nal)) taken.insert(type);
  }
  for (const Bytes& nal : from) {
    const std::vector<int> types = HdrMessageTypes(codec, nal);
    const bool is_said =
        std::any_of(types.begin(), types.end(), [&](int type) { return taken.count(type) > 0; });
    if (!is_said && !IsIn(into, nal)) into.push_back(nal);
  }
}

}  // namespace

bool AddParameterSet(ByteView nal, ParameterSets& sets) {
  nal = WithoutTrailingZeros(nal);
  if (nal.empty()) return false;
  const auto list = ListFor(sets.codec, nal);
  if (list == nullptr) return false;
  const bool is_wanted = !IsSei(sets.codec, nal) || IsDeclarative(sets.codec, nal);
  if (is_wanted && !IsIn(sets.*list, nal)) (sets.*list).emplace_back(nal.begin(), nal.end());
  return true;
}

ParameterSets ParameterSetsFromAnnexB(NalCodec codec, ByteView stream) {
  ParameterSets sets{.codec = codec};
  NalUnitReader reader(stream, kAnnexB);
  bool before_slices = true;
  while (const std::optional<ByteView> nal = reader.Next()) {
    before_slices = before_slices && !IsSlice(codec, *nal);
    if (before_slices || IsParameterSet(codec, *nal)) AddParameterSet(*nal, sets);
  }
  if (sets.sps.empty() || sets.pps.empty() || (codec == NalCodec::kHevc && sets.vps.empty())) {
    throw Error(ErrorCode::kExec, "the stream has no parameter sets");
  }
  return sets;
}

bool Contains(const ParameterSets& sets, ByteView nal) {
  nal = WithoutTrailingZeros(nal);
  return IsIn(sets.vps, nal) || IsIn(sets.sps, nal) || IsIn(sets.pps, nal) ||
         IsIn(sets.sps_extensions, nal);
}

int ParameterSetId(NalCodec codec, ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  if (raw.size() <= NalHeaderSize(codec)) {
    throw Error(ErrorCode::kExec, "a parameter set is truncated");
  }
  const BitReader reader(ByteView(raw).subspan(NalHeaderSize(codec)));
  return codec == NalCodec::kH264 ? H264SetId(reader, H264TypeOf(raw))
                                  : HevcSetId(reader, HevcTypeOf(raw));
}

SetRelation RelationTo(const ParameterSets& family, ByteView nal) {
  if (Contains(family, nal)) return SetRelation::kSame;
  const int id = ParameterSetId(family.codec, nal);
  const std::vector<Bytes>& same_kind = family.*ListFor(family.codec, nal);
  const bool replaces = std::any_of(same_kind.begin(), same_kind.end(), [&](const Bytes& member) {
    return ParameterSetId(family.codec, member) == id;
  });
  return replaces ? SetRelation::kReplaces : SetRelation::kAdds;
}

ParameterSets MergeParameterSets(std::span<const ParameterSets> members) {
  ParameterSets merged{.codec = members.front().codec};
  const NalCodec codec = merged.codec;
  std::map<int, ByteView> vps;
  std::map<int, ByteView> sps;
  std::map<int, ByteView> pps;
  std::map<int, ByteView> sps_extensions;
  for (const ParameterSets& member : members) {
    MergeList(codec, member.vps, merged.vps, vps);
    MergeList(codec, member.sps, merged.sps, sps);
    MergeList(codec, member.pps, merged.pps, pps);
    MergeList(codec, member.sps_extensions, merged.sps_extensions, sps_extensions);
    MergeSei(codec, member.sei, merged.sei);
  }
  return merged;
}

}  // namespace opencut
