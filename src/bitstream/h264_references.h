// What a decoder of H.264 frames keeps for reference, in what order slices name it, and the order
// of display: clauses 8.2.1, 8.2.4 and 8.2.5 for frames with short-term references. Fields and
// long-term references throw Error(kExec).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/h264_parameter_sets.h"
#include "bitstream/h264_slice_header.h"

namespace opencut {

// PicOrderCnt of the frames of one coded video sequence.
class H264PicOrder {
 public:
  explicit H264PicOrder(const H264Sps& sps) : sps_(&sps) {}

  // The next frame in decoding order: the lower one of its fields' counts, which is the frame's. An
  // IDR picture, and the first frame at all, begins anew.
  std::int32_t Next(const H264SliceHeader& header);

 private:
  std::int32_t NextByLsb(const H264SliceHeader& header);
  std::int32_t NextByFrameNum(const H264SliceHeader& header);
  std::int32_t ExpectedInCycle(std::int64_t frame_num, bool is_reference) const;

  const H264Sps* sps_;
  bool begun_ = false;
  std::int32_t previous_msb_ = 0;  // Type 0: of the reference picture before.
  std::int32_t previous_lsb_ = 0;
  std::uint32_t previous_frame_num_ = 0;  // Types 1 and 2.
  std::int64_t frame_num_offset_ = 0;
};

// A frame, by whatever number its user knows it.
struct H264Frame {
  std::int64_t id = 0;
  std::uint32_t frame_num = 0;
  std::int32_t pic_order_cnt = 0;
};

// Ids of the frames in a reference list; nothing where an entry refers to no frame.
using RefList = std::vector<std::optional<std::int64_t>>;

// The frames marked "used for short-term reference".
class H264References {
 public:
  explicit H264References(const H264Sps& sps);

  // The list that a slice of `current` uses (8.2.4), ref_count entries long. An entry is empty
  // where a decoder lacks the frame.
  RefList ListOf(const H264SliceHeader& header, const H264Frame& current, int list,
                 const std::vector<RefListModification>& modifications) const;

  // The shortest modification that makes a slice's list equal to `wanted`; nothing where there is
  // none. REQUIRES: every entry is one of frames().
  std::optional<std::vector<RefListModification>> ModificationFor(const H264SliceHeader& header,
                                                                  const H264Frame& current,
                                                                  int list,
                                                                  const RefList& wanted) const;

  // Decoded reference picture marking (8.2.5) of a reference picture, which then is one of
  // frames(). Without operations: the sliding window. False, and nothing is changed, where an
  // operation names a frame that is not there, unless those are to be passed over.
  enum class Missing { kRefuse, kPassOver };
  bool Mark(const H264Frame& current, const std::vector<MarkingOperation>& operations,
            Missing missing);

  // The operations that remove these and keep the others.
  std::vector<MarkingOperation> OperationsToRemove(const std::vector<std::int64_t>& ids,
                                                   const H264Frame& current) const;

  // In decoding order.
  const std::vector<H264Frame>& frames() const { return frames_; }

 private:
  std::int64_t PicNum(const H264Frame& frame, const H264Frame& current) const;
  std::vector<H264Frame> InitialList(const H264SliceHeader& header, const H264Frame& current,
                                     int list) const;
  const H264Frame* Find(std::int64_t pic_num, const H264Frame& current) const;

  std::vector<H264Frame> frames_;
  std::int64_t max_frame_num_ = 16;
  std::size_t max_frames_ = 1;
};

}  // namespace opencut
