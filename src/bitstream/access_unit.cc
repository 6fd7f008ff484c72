#include "bitstream/access_unit.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/slice_remap.h"

namespace opencut {

namespace {

// Enough for everything up to bottom_field_flag, whose codes are at most 63 bits each.
constexpr std::size_t kSliceStartBytes = 32;
// Enough for the NAL units that may end an access unit, and some zeros.
constexpr std::size_t kSequenceEndBytes = 32;

struct H264SliceStart {
  bool is_intra = false;
  int pps_id = 0;
};

H264SliceStart ReadSliceStart(BitReader& reader) {
  H264SliceStart start;
  reader.SkipBits(8);
  reader.ReadUe();  // first_mb_in_slice
  // Table 7-6: 2 and 4 are I and SI; 5 more means that all slices of the picture are so.
  const std::uint32_t type = reader.ReadUeUpTo(9, "slice_type") % 5;
  start.is_intra = type == 2 || type == 4;
  start.pps_id = static_cast<int>(reader.ReadUeUpTo(255, "pic_parameter_set_id"));
  return start;
}

// REQUIRES: `reader` stands behind pic_parameter_set_id.
std::optional<CodedField> ReadFieldOf(BitReader& reader, const H264Sps& sps) {
  if (sps.frame_mbs_only) return std::nullopt;
  if (sps.separate_colour_planes) reader.SkipBits(2);  // colour_plane_id
  CodedField field;
  field.frame_num = reader.ReadBits(sps.frame_num_bits);
  if (!reader.ReadFlag()) return std::nullopt;  // field_pic_flag
  field.is_bottom = reader.ReadFlag();
  return field;
}

PictureKind KindOfHevc(HevcNalType type) {
  switch (type) {
    case HevcNalType::kIdrWRadl:
    case HevcNalType::kIdrNLp:
      return PictureKind::kIdr;
    case HevcNalType::kBlaWLp:
    case HevcNalType::kBlaWRadl:
    case HevcNalType::kBlaNLp:
      return PictureKind::kBla;
    case HevcNalType::kCra:
      return PictureKind::kCra;
    case HevcNalType::kRadlN:
    case HevcNalType::kRadlR:
      return PictureKind::kRadl;
    case HevcNalType::kRaslN:
    case HevcNalType::kRaslR:
      return PictureKind::kRasl;
    default:
      return PictureKind::kOther;
  }
}

// Below 16 the even types are the sub-layer non-reference pictures (HEVC Table 7-1).
bool IsHevcReference(HevcNalType type) {
  const int number = static_cast<int>(type);
  return number >= 16 || number % 2 == 1;
}

bool IsSequenceEnd(ByteView nal) {
  const HevcNalType type = HevcTypeOf(nal);
  return type == HevcNalType::kEndOfSequence || type == HevcNalType::kEndOfBitstream;
}

}  // namespace

bool IsFieldPair(const AccessUnit& first, const AccessUnit& second) {
  return first.lone_field && second.lone_field && second.kind != PictureKind::kIdr &&
         first.lone_field->is_bottom != second.lone_field->is_bottom &&
         first.lone_field->frame_num == second.lone_field->frame_num;
}

AccessUnitClassifier::AccessUnitClassifier(const ParameterSets& sets, NalFraming framing)
    : sets_(sets), framing_(framing) {
  if (sets.codec == NalCodec::kH264) {
    h264_ = ParseH264Sets(sets);
    return;
  }
  for (const Bytes& nal : sets.sps) {
    const HevcSps sps = ParseHevcSps(nal);
    hevc_fields_ = hevc_fields_ || sps.field_sequence;
    hevc_sub_layers_ = std::max(hevc_sub_layers_, sps.max_sub_layers);
  }
}

std::optional<AccessUnit> AccessUnitClassifier::ClassifyStart(ByteView start) const {
  try {
    const AccessUnit unit = Describe(start, SampleExtent::kStart);
    if (unit.kind == PictureKind::kNoPicture || unit.lone_field) return std::nullopt;
    return unit;
  } catch (const Error&) {
    return std::nullopt;  // Cut off in the middle of what counts.
  }
}

AccessUnit AccessUnitClassifier::Describe(ByteView sample, SampleExtent extent) const {
  AccessUnit unit;
  ParameterSets in_band{.codec = sets_.codec};
  std::optional<int> pps_id;
  NalUnitReader reader(sample, framing_, extent);
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (IsParameterSet(sets_.codec, *nal)) {
      if (IsBeyondBaseLayer(sets_.codec, *nal)) continue;
      unit.in_band_sets.push_back(Compare(*nal));
      if (unit.in_band_sets.back().relation != SetRelation::kSame) AddParameterSet(*nal, in_band);
    } else if (sets_.codec == NalCodec::kHevc && IsSequenceEnd(*nal)) {
      unit.begins_sequence = true;
    } else if (sets_.codec == NalCodec::kH264 && IsSei(sets_.codec, *nal)) {
      for (const SeiMessage& message : ParseSei(sets_.codec, *nal)) {
        if (message.type == kSeiRecoveryPoint) unit.recovery_point = ParseRecoveryPoint(message);
      }
    } else if (IsSlice(sets_.codec, *nal)) {
      if (sets_.codec == NalCodec::kH264) {
        DescribeH264(*nal, in_band, unit);
      } else {
        DescribeHevc(*nal, unit);
      }
      if (!pps_id) pps_id = PpsIdOfSlice(sets_.codec, *nal);
      if (!unit.lone_field) break;
    }
  }
  unit.pps_id = pps_id.value_or(0);
  return unit;
}

std::optional<std::vector<InBandSet>> AccessUnitClassifier::SetsAtStart(ByteView start) const {
  std::vector<InBandSet> sets;
  try {
    NalUnitReader reader(start, framing_, SampleExtent::kStart);
    while (const std::optional<ByteView> nal = reader.Next()) {
      if (IsSlice(sets_.codec, *nal)) return sets;
      const bool may_be_cut_off = nal->data() + nal->size() == start.data() + start.size();
      if (may_be_cut_off) break;
      if (IsParameterSet(sets_.codec, *nal) && !IsBeyondBaseLayer(sets_.codec, *nal)) {
        sets.push_back(Compare(*nal));
      }
    }
    return std::nullopt;
  } catch (const Error&) {
    return std::vector<InBandSet>();
  }
}

bool AccessUnitClassifier::EndsSequence(ByteView sample) const {
  if (sets_.codec != NalCodec::kHevc) return false;
  // Lengths lead to the end by themselves; start codes are not looked for in the picture's data.
  const bool by_start_codes = framing_.IsAnnexB() && sample.size() > kSequenceEndBytes;
  NalUnitReader reader(by_start_codes ? sample.last(kSequenceEndBytes) : sample, framing_,
                       SampleExtent::kStart);
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (IsSequenceEnd(*nal)) return true;
  }
  return false;
}

InBandSet AccessUnitClassifier::Compare(ByteView set) const {
  const std::uint8_t type = sets_.codec == NalCodec::kH264
                                ? static_cast<std::uint8_t>(H264TypeOf(set))
                                : static_cast<std::uint8_t>(HevcTypeOf(set));
  return {
      .nal_type = type, .id = ParameterSetId(sets_.codec, set), .relation = RelationTo(sets_, set)};
}

void AccessUnitClassifier::DescribeH264(ByteView slice, const ParameterSets& in_band,
                                        AccessUnit& unit) const {
  const Bytes raw = StripEmulationPrevention(slice, kSliceStartBytes);
  BitReader reader(raw);
  const H264SliceStart start = ReadSliceStart(reader);
  const std::optional<CodedField> field = ReadField(reader, start.pps_id, in_band);
  if (unit.lone_field) {  // A slice behind the first.
    if (field && field->is_bottom == unit.lone_field->is_bottom) return;
    unit.is_reference = unit.is_reference || (slice[0] & 0x60) != 0;
    unit.lone_field.reset();
    return;
  }
  if (H264TypeOf(slice) == H264NalType::kSliceIdr) {
    unit.kind = PictureKind::kIdr;
  } else {
    unit.kind = start.is_intra ? PictureKind::kIntra : PictureKind::kOther;
  }
  unit.is_reference = (slice[0] & 0x60) != 0;  // nal_ref_idc
  unit.is_field = field.has_value();
  unit.lone_field = field;
}

std::optional<CodedField> AccessUnitClassifier::ReadField(BitReader& reader, int pps_id,
                                                          const ParameterSets& in_band) const {
  if (in_band.sps.empty() && in_band.pps.empty()) {
    return ReadFieldOf(reader, h264_.SpsOf(pps_id));
  }
  // Those of the sample itself count before those of the header.
  H264Sets sets = ParseH264Sets(in_band);
  sets.sps.insert(h264_.sps.begin(), h264_.sps.end());
  sets.pps.insert(h264_.pps.begin(), h264_.pps.end());
  return ReadFieldOf(reader, sets.SpsOf(pps_id));
}

void AccessUnitClassifier::DescribeHevc(ByteView slice, AccessUnit& unit) const {
  const HevcNalType type = HevcTypeOf(slice);
  unit.kind = KindOfHevc(type);
  unit.hevc_type = type;
  const int sub_layer = (slice[1] & 7) - 1;  // nuh_temporal_id_plus1
  unit.is_reference = IsHevcReference(type) || sub_layer + 1 < hevc_sub_layers_;
  unit.is_field = hevc_fields_;
}

}  // namespace opencut
