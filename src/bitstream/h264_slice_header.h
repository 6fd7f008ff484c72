// The slice header of H.264 (7.3.3), whole, with the places of what may have to be rewritten.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/bit_writer.h"
#include "bitstream/bytes.h"
#include "bitstream/h264_sets.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// Bits [begin, end) of the NAL unit without emulation prevention, its header byte included.
struct BitRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

enum class H264SliceType : std::uint8_t { kP, kB, kI, kSp, kSi };  // slice_type % 5, Table 7-6.

// One entry of ref_pic_list_modification() (7.3.3.1), the closing 3 apart.
struct RefListModification {
  std::uint32_t idc = 0;    // modification_of_pic_nums_idc: 0, 1, or 2 for a long-term picture.
  std::uint32_t value = 0;  // abs_diff_pic_num_minus1, or long_term_pic_num.

  friend bool operator==(const RefListModification&, const RefListModification&) = default;
};

// One entry of dec_ref_pic_marking() (7.3.3.3), the closing 0 apart.
struct MarkingOperation {
  std::uint32_t idc = 0;    // memory_management_control_operation: 1 to 6.
  std::uint32_t value = 0;  // difference_of_pic_nums_minus1, where the operation has it.

  friend bool operator==(const MarkingOperation&, const MarkingOperation&) = default;
};

using RefListModifications = std::array<std::vector<RefListModification>, 2>;  // Of list 0 and 1.

struct H264SliceHeader {
  bool is_idr = false;  // nal_unit_type 5.
  int ref_idc = 0;      // nal_ref_idc; 0: no picture refers to it.
  std::uint32_t first_macroblock = 0;
  H264SliceType type = H264SliceType::kI;
  int pps_id = 0;
  std::uint32_t frame_num = 0;
  bool is_field = false;         // field_pic_flag.
  std::uint32_t idr_pic_id = 0;  // 0 unless is_idr.
  std::uint32_t pic_order_cnt_lsb = 0;
  std::int32_t delta_pic_order_cnt_bottom = 0;
  std::array<std::int32_t, 2> delta_pic_order_cnt{};
  std::array<int, 2> ref_count{};  // num_ref_idx_active of both lists; 0 for a list it lacks.
  RefListModifications modifications;
  bool is_long_term = false;              // long_term_reference_flag of an IDR picture.
  std::vector<MarkingOperation> marking;  // None: the sliding window.

  BitRange frame_num_bits;
  BitRange idr_pic_id_bits;         // Empty, but in its place, unless is_idr.
  BitRange pic_order_cnt_lsb_bits;  // Empty unless pic_order_cnt_type is 0.
  BitRange modification_bits;       // Both lists; empty for I slices.
  BitRange marking_bits;            // Empty when ref_idc is 0.
  std::size_t end = 0;              // Bits from the start of the NAL unit to the slice data.

  bool IsIntra() const { return type == H264SliceType::kI; }
  int ListCount() const {
    return type == H264SliceType::kP ? 1 : type == H264SliceType::kB ? 2 : 0;
  }
};

// Throws Error(kExec) for a truncated header, values that the standard forbids, and what cameras do
// not make: SP and SI slices, slice groups. REQUIRES: a slice of type 1 or 5.
H264SliceHeader ParseH264SliceHeader(ByteView nal, const H264Sets& sets);

// The two syntax structures, as a header holds them.
void WriteRefListModifications(const RefListModifications& modifications, int list_count,
                               BitWriter& writer);
// No operations: the sliding window. REQUIRES: only operations 1.
void WriteMarking(const std::vector<MarkingOperation>& operations, BitWriter& writer);

}  // namespace opencut
