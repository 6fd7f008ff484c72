// What one sample (an access unit) is for somebody who cuts: decided by its NAL units, not by what
// its container says.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/bit_reader.h"
#include "bitstream/bytes.h"
#include "bitstream/h264_sets.h"
#include "bitstream/nal_unit.h"
#include "bitstream/parameter_sets.h"
#include "bitstream/sei.h"

namespace opencut {

enum class PictureKind : std::uint8_t {
  kIdr,       // Decoding can start here and nothing after it refers to what came before.
  kBla,       // HEVC: as kCra, but its RASL pictures, if any, are not to be decoded.
  kCra,       // HEVC: decoding can start here; its RASL pictures refer to what came before.
  kRadl,      // HEVC: leading picture that can be decoded when decoding starts at its IRAP.
  kRasl,      // HEVC: leading picture that cannot.
  kIntra,     // H.264: I slice first, but not IDR. What follows may refer to what came before.
  kOther,     // Refers to other pictures.
  kNoPicture  // The sample holds no slice.
};

// A parameter set inside a sample, against those of the stream's header.
struct InBandSet {
  std::uint8_t nal_type = 0;
  int id = 0;
  SetRelation relation = SetRelation::kSame;

  friend bool operator==(const InBandSet&, const InBandSet&) = default;
};

// A picture that is one field of a frame.
struct CodedField {
  bool is_bottom = false;
  std::uint32_t frame_num = 0;
};

struct AccessUnit {
  PictureKind kind = PictureKind::kNoPicture;
  // IDR_N_LP and BLA_N_LP promise no leading pictures, BLA_W_RADL and IDR_W_RADL no RASL.
  std::optional<HevcNalType> hevc_type;         // Of the first slice; HEVC only.
  std::optional<RecoveryPoint> recovery_point;  // H.264 only.
  std::vector<InBandSet> in_band_sets;          // Before the first slice, or the second field's.
  int pps_id = 0;                               // Of the first slice.
  // Whether other pictures may refer to it, or to one of its fields: nal_ref_idc != 0; HEVC: all
  // but the sub-layer non-reference pictures of the highest sub-layer.
  bool is_reference = false;
  // H.264: field_pic_flag of the first slice, so the picture is coded as two fields; HEVC: its SPS
  // says that pictures are fields.
  bool is_field = false;
  // HEVC: the end of the sequence before stands before the first slice. libav's parser splits
  // streams so.
  bool begins_sequence = false;
  // H.264: set where the sample holds this field and not the other one of its frame.
  std::optional<CodedField> lone_field;
};

// Whether samples next to each other, in this order, are the two fields of one frame: a
// complementary field pair (H.264, clause 3). The second field of an IDR picture is none itself.
bool IsFieldPair(const AccessUnit& first, const AccessUnit& second);

// Describes the samples of one stream. Not changed by use: several threads may share one.
class AccessUnitClassifier {
 public:
  // Throws Error(kExec) when a set cannot be parsed.
  AccessUnitClassifier(const ParameterSets& sets, NalFraming framing);

  // Reads NAL unit headers and the start of the first slice, nothing behind it; of a picture coded
  // as fields also that of the other field. Throws Error(kExec) for a malformed sample, or a slice
  // whose parameter sets are neither in the header nor the sample.
  AccessUnit Classify(ByteView sample) const { return Describe(sample, SampleExtent::kWhole); }

  // The same from the first bytes of a sample. Nothing: they do not tell, as where they hold one
  // field only.
  std::optional<AccessUnit> ClassifyStart(ByteView start) const;

  // The parameter sets before a sample's first slice. Nothing: its first bytes do not reach so far.
  // A malformed sample has none.
  std::optional<std::vector<InBandSet>> SetsAtStart(ByteView start) const;

  // HEVC: whether the sample's end says that decoding begins anew behind it (7.4.2.4.4). A
  // malformed sample says nothing.
  bool EndsSequence(ByteView sample) const;

 private:
  AccessUnit Describe(ByteView sample, SampleExtent extent) const;
  InBandSet Compare(ByteView set) const;
  void DescribeH264(ByteView slice, const ParameterSets& in_band, AccessUnit& unit) const;
  void DescribeHevc(ByteView slice, AccessUnit& unit) const;
  std::optional<CodedField> ReadField(BitReader& reader, int pps_id,
                                      const ParameterSets& in_band) const;

  ParameterSets sets_;
  NalFraming framing_;
  H264Sets h264_;
  bool hevc_fields_ = false;
  int hevc_sub_layers_ = 1;
};

}  // namespace opencut
