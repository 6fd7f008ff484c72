#include "bitstream/h264_slice_header.h"

#include "base/error.h"
#include "bitstream/bit_reader.h"

namespace opencut {
namespace {

// All but the longest headers, those with many weights, lie in so many bytes.
constexpr std::size_t kUsualHeaderBytes = 160;
constexpr std::uint32_t kMostReferences = 32;
constexpr std::uint32_t kEndOfModifications = 3;
constexpr std::uint32_t kLastMarkingOperation = 6;
// Far above what a sound stream holds: 32 fields, each named once or twice.
constexpr std::size_t kMostOperations = 66;

class HeaderParser {
 public:
  HeaderParser(ByteView raw, const H264Sets& sets) : reader_(raw), sets_(sets) {}

  H264SliceHeader Parse() {
    ReadStart();
    ReadNumbers();
    ReadReferences();
    if (header_.ref_idc != 0) ReadMarking();
    ReadTail();
    header_.end = reader_.position();
    return std::move(header_);
  }

 private:
  void ReadStart() {
    reader_.SkipBits(1);
    header_.ref_idc = static_cast<int>(reader_.ReadBits(2));
    header_.is_idr = static_cast<H264NalType>(reader_.ReadBits(5)) == H264NalType::kSliceIdr;
    header_.first_macroblock = reader_.ReadUe();
    header_.type = static_cast<H264SliceType>(reader_.ReadUeUpTo(9, "slice_type") % 5);
    if (header_.type == H264SliceType::kSp || header_.type == H264SliceType::kSi) {
      throw Error(ErrorCode::kExec, "SP and SI slices are not supported");
    }
    header_.pps_id = static_cast<int>(reader_.ReadUeUpTo(255, "pic_parameter_set_id"));
    pps_ = &sets_.PpsOf(header_.pps_id);
    sps_ = &sets_.SpsOf(header_.pps_id);
    if (pps_->num_slice_groups > 1) {
      throw Error(ErrorCode::kExec, "slice groups are not supported");
    }
  }

  // From colour_plane_id to redundant_pic_cnt.
  void ReadNumbers() {
    if (sps_->separate_colour_planes) reader_.SkipBits(2);
    header_.frame_num_bits.begin = reader_.position();
    header_.frame_num = reader_.ReadBits(sps_->frame_num_bits);
    header_.frame_num_bits.end = reader_.position();
    if (!sps_->frame_mbs_only) {
      header_.is_field = reader_.ReadFlag();
      if (header_.is_field) reader_.SkipBits(1);  // bottom_field_flag
    }
    header_.idr_pic_id_bits.begin = reader_.position();
    if (header_.is_idr) header_.idr_pic_id = reader_.ReadUeUpTo(65535, "idr_pic_id");
    header_.idr_pic_id_bits.end = reader_.position();
    ReadPicOrder();
    if (pps_->redundant_pic_cnt_present) reader_.ReadUeUpTo(127, "redundant_pic_cnt");
  }

  void ReadPicOrder() {
    const bool has_bottom = pps_->bottom_field_pic_order_in_frame_present && !header_.is_field;
    header_.pic_order_cnt_lsb_bits.begin = reader_.position();
    if (sps_->pic_order_cnt_type == 0) {
      header_.pic_order_cnt_lsb = reader_.ReadBits(sps_->pic_order_cnt_bits);
    }
    header_.pic_order_cnt_lsb_bits.end = reader_.position();
    if (sps_->pic_order_cnt_type == 0 && has_bottom) {
      header_.delta_pic_order_cnt_bottom = reader_.ReadSe();
    }
    if (sps_->pic_order_cnt_type == 1 && !sps_->delta_pic_order_always_zero) {
      header_.delta_pic_order_cnt[0] = reader_.ReadSe();
      if (has_bottom) header_.delta_pic_order_cnt[1] = reader_.ReadSe();
    }
  }

  void ReadReferences() {
    if (header_.type == H264SliceType::kB) reader_.SkipBits(1);  // direct_spatial_mv_pred_flag
    if (header_.ListCount() > 0) ReadRefCounts();
    header_.modification_bits.begin = reader_.position();
    for (int list = 0; list < header_.ListCount(); ++list) ReadModifications(list);
    header_.modification_bits.end = reader_.position();
    const bool weighted = header_.type == H264SliceType::kP
                              ? pps_->weighted_pred
                              : header_.type == H264SliceType::kB && pps_->weighted_bipred_idc == 1;
    if (weighted) SkipWeights();
  }

  void ReadRefCounts() {
    header_.ref_count = {pps_->default_ref_count_l0, pps_->default_ref_count_l1};
    if (reader_.ReadFlag()) {  // num_ref_idx_active_override_flag
      for (int list = 0; list < header_.ListCount(); ++list) {
        header_.ref_count[static_cast<std::size_t>(list)] = static_cast<int>(
            reader_.ReadUeUpTo(kMostReferences - 1, "num_ref_idx_active_minus1") + 1);
      }
    }
    if (header_.ListCount() == 1) header_.ref_count[1] = 0;
  }

  void ReadModifications(int list) {
    if (!reader_.ReadFlag()) return;
    std::vector<RefListModification>& entries =
        header_.modifications[static_cast<std::size_t>(list)];
    while (true) {
      const std::uint32_t idc =
          reader_.ReadUeUpTo(kEndOfModifications, "modification_of_pic_nums_idc");
      if (idc == kEndOfModifications) return;
      if (entries.size() == kMostOperations) {
        throw Error(ErrorCode::kExec, "a slice modifies its reference list without an end");
      }
      entries.push_back({idc, reader_.ReadUe()});
    }
  }

  void SkipWeights() {
    const bool has_chroma = !sps_->separate_colour_planes && sps_->chroma_format_idc != 0;
    reader_.ReadUeUpTo(7, "luma_log2_weight_denom");
    if (has_chroma) reader_.ReadUeUpTo(7, "chroma_log2_weight_denom");
    for (const int count : header_.ref_count) {
      for (int i = 0; i < count; ++i) {
        if (reader_.ReadFlag()) SkipSe(2);
        if (has_chroma && reader_.ReadFlag()) SkipSe(4);
      }
    }
  }

  void SkipSe(int count) {
    for (int i = 0; i < count; ++i) reader_.ReadSe();
  }

  void ReadMarking() {
    header_.marking_bits.begin = reader_.position();
    if (header_.is_idr) {
      reader_.SkipBits(1);  // no_output_of_prior_pics_flag
      header_.is_long_term = reader_.ReadFlag();
    } else if (reader_.ReadFlag()) {  // adaptive_ref_pic_marking_mode_flag
      while (ReadMarkingOperation()) {
      }
    }
    header_.marking_bits.end = reader_.position();
  }

  // False at the last.
  bool ReadMarkingOperation() {
    MarkingOperation operation;
    operation.idc =
        reader_.ReadUeUpTo(kLastMarkingOperation, "memory_management_control_operation");
    if (operation.idc == 0) return false;
    if (header_.marking.size() == kMostOperations) {
      throw Error(ErrorCode::kExec, "a slice marks reference pictures without an end");
    }
    if (operation.idc != 5) operation.value = reader_.ReadUe();
    if (operation.idc == 3) reader_.ReadUe();  // long_term_frame_idx
    header_.marking.push_back(operation);
    return true;
  }

  // What stands between the marking and the slice data.
  void ReadTail() {
    if (pps_->cabac && !header_.IsIntra()) reader_.ReadUeUpTo(2, "cabac_init_idc");
    reader_.ReadSe();  // slice_qp_delta
    if (!pps_->deblocking_control_present) return;
    if (reader_.ReadUeUpTo(2, "disable_deblocking_filter_idc") != 1) SkipSe(2);
  }

  BitReader reader_;
  const H264Sets& sets_;
  const H264Pps* pps_ = nullptr;
  const H264Sps* sps_ = nullptr;
  H264SliceHeader header_;
};

}  // namespace

H264SliceHeader ParseH264SliceHeader(ByteView nal, const H264Sets& sets) {
  const Bytes start = StripEmulationPrevention(nal, kUsualHeaderBytes);
  try {
    return HeaderParser(start, sets).Parse();
  } catch (const Error&) {
    if (start.size() < kUsualHeaderBytes) throw;
  }
  return HeaderParser(StripEmulationPrevention(nal), sets).Parse();
}

void WriteRefListModifications(const RefListModifications& modifications, int list_count,
                               BitWriter& writer) {
  for (int list = 0; list < list_count; ++list) {
    const auto& entries = modifications[static_cast<std::size_t>(list)];
    writer.WriteFlag(!entries.empty());
    if (entries.empty()) continue;
    for (const RefListModification& entry : entries) {
      writer.WriteUe(entry.idc);
      writer.WriteUe(entry.value);
    }
    writer.WriteUe(kEndOfModifications);
  }
}

void WriteMarking(const std::vector<MarkingOperation>& operations, BitWriter& writer) {
  writer.WriteFlag(!operations.empty());
  if (operations.empty()) return;
  for (const MarkingOperation& operation : operations) {
    writer.WriteUe(operation.idc);
    writer.WriteUe(operation.value);
  }
  writer.WriteUe(0);
}

}  // namespace opencut
