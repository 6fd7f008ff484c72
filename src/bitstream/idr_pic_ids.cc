#include "bitstream/idr_pic_ids.h"

#include "base/error.h"
#include "bitstream/h264_slice_edit.h"

namespace opencut {

std::optional<Bytes> IdrPicIds::Follow(ByteView sample, bool is_idr) {
  const std::optional<std::uint32_t> before = last_;
  last_ = is_idr ? IdOf(sample) : std::nullopt;
  if (!last_ || last_ != before) return std::nullopt;
  last_ = *before == 0 ? 1 : 0;
  return WithId(sample, *last_);
}

// Nothing where no slice is one of an IDR picture that can be read and written.
std::optional<std::uint32_t> IdrPicIds::IdOf(ByteView sample) const {
  NalUnitReader reader(sample, NalFraming());
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (H264TypeOf(*nal) != H264NalType::kSliceIdr) continue;
    try {
      const H264SliceHeader header = ParseH264SliceHeader(*nal, sets_);
      return header.is_long_term ? std::nullopt : std::optional(header.idr_pic_id);
    } catch (const Error&) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Bytes IdrPicIds::WithId(ByteView sample, std::uint32_t id) const {
  Bytes out;
  NalUnitReader reader(sample, NalFraming());
  while (const std::optional<ByteView> nal = reader.Next()) {
    if (H264TypeOf(*nal) != H264NalType::kSliceIdr) {
      AppendLengthPrefixed(*nal, out);
      continue;
    }
    const H264SliceHeader header = ParseH264SliceHeader(*nal, sets_);
    const std::size_t begin = BeginLengthPrefixed(out);
    AppendChangedSlice(*nal, header, sets_,
                       {.frame_num = header.frame_num,
                        .pic_order_cnt_lsb = header.pic_order_cnt_lsb,
                        .idr_pic_id = id},
                       out);
    EndLengthPrefixed(begin, out);
  }
  return out;
}

}  // namespace opencut
