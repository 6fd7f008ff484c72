// Changes numbers, reference lists and marking in the header of an H.264 slice, without decoding
// the slice.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/h264_slice_header.h"

namespace opencut {

struct H264SliceChanges {
  std::uint32_t frame_num = 0;
  std::uint32_t pic_order_cnt_lsb = 0;  // pic_order_cnt_type 0 only.
  // Set: the slice becomes one of an IDR picture with this idr_pic_id.
  std::optional<std::uint32_t> idr_pic_id = {};
  // Unset: as they are.
  std::optional<RefListModifications> modifications = {};
  std::optional<std::vector<MarkingOperation>> marking = {};  // Operations 1; none: sliding window.
};

// Appends the slice's NAL unit with the changes to `out`. Where only numbers change, which keep
// their widths, the cost is that of one memcpy; so it is under CABAC, whose data begins at a byte
// boundary. Throws Error(kExec) for a truncated slice. REQUIRES: `header` is that of `nal` under
// `sets`; numbers that fit their widths; an I slice where idr_pic_id is set.
void AppendChangedSlice(ByteView nal, const H264SliceHeader& header, const H264Sets& sets,
                        const H264SliceChanges& changes, Bytes& out);

}  // namespace opencut
