#include "bitstream/h264_references.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace opencut {
namespace {

constexpr std::uint32_t kSubtract = 0;  // modification_of_pic_nums_idc.
constexpr std::uint32_t kAdd = 1;
constexpr std::uint32_t kUnmarkShortTerm = 1;  // memory_management_control_operation.

RefList IdsOf(const std::vector<H264Frame>& frames) {
  RefList ids;
  for (const H264Frame& frame : frames) ids.emplace_back(frame.id);
  return ids;
}

// Moves `id` to `place`, those behind it up, as 8.2.4.3.1 does in a list one entry longer.
void MoveTo(std::size_t place, std::optional<std::int64_t> id, RefList& list) {
  const std::size_t length = list.size();
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(place), id);
  if (id) {
    const auto again =
        std::find(list.begin() + static_cast<std::ptrdiff_t>(place) + 1, list.end(), id);
    if (again != list.end()) list.erase(again);
  }
  list.resize(length);
}

}  // namespace

std::int32_t H264PicOrder::Next(const H264SliceHeader& header) {
  const std::int32_t order =
      sps_->pic_order_cnt_type == 0 ? NextByLsb(header) : NextByFrameNum(header);
  begun_ = true;
  return order;
}

// 8.2.1.1
std::int32_t H264PicOrder::NextByLsb(const H264SliceHeader& header) {
  const std::int32_t max_lsb = std::int32_t{1} << sps_->pic_order_cnt_bits;
  const auto lsb = static_cast<std::int32_t>(header.pic_order_cnt_lsb);
  if (header.is_idr) {
    previous_msb_ = previous_lsb_ = 0;
  } else if (!begun_) {
    previous_lsb_ = lsb;
  }
  std::int32_t msb = previous_msb_;
  if (lsb < previous_lsb_ && previous_lsb_ - lsb >= max_lsb / 2) msb += max_lsb;
  if (lsb > previous_lsb_ && lsb - previous_lsb_ > max_lsb / 2) msb -= max_lsb;
  if (header.ref_idc != 0) {
    previous_msb_ = msb;
    previous_lsb_ = lsb;
  }
  return msb + lsb + std::min(0, header.delta_pic_order_cnt_bottom);
}

// 8.2.1.2 and 8.2.1.3
std::int32_t H264PicOrder::NextByFrameNum(const H264SliceHeader& header) {
  if (header.is_idr) {
    frame_num_offset_ = 0;
  } else if (begun_ && previous_frame_num_ > header.frame_num) {
    frame_num_offset_ += std::int64_t{1} << sps_->frame_num_bits;
  }
  previous_frame_num_ = header.frame_num;
  const std::int64_t frame_num = frame_num_offset_ + header.frame_num;
  const bool is_reference = header.ref_idc != 0;
  if (sps_->pic_order_cnt_type == 2) {
    return static_cast<std::int32_t>(2 * frame_num - (is_reference || header.is_idr ? 0 : 1));
  }
  const std::int32_t top = ExpectedInCycle(frame_num, is_reference) + header.delta_pic_order_cnt[0];
  const std::int32_t bottom =
      top + sps_->offset_for_top_to_bottom_field + header.delta_pic_order_cnt[1];
  return std::min(top, bottom);
}

std::int32_t H264PicOrder::ExpectedInCycle(std::int64_t frame_num, bool is_reference) const {
  const std::vector<std::int32_t>& offsets = sps_->offsets_for_ref_frame;
  std::int64_t number = offsets.empty() ? 0 : frame_num;
  if (!is_reference && number > 0) --number;
  std::int64_t expected = 0;
  if (number > 0) {
    const auto length = static_cast<std::int64_t>(offsets.size());
    std::int64_t whole = 0;
    for (const std::int32_t offset : offsets) whole += offset;
    expected = (number - 1) / length * whole;
    for (std::int64_t i = 0; i <= (number - 1) % length; ++i) {
      expected += offsets[static_cast<std::size_t>(i)];
    }
  }
  if (!is_reference) expected += sps_->offset_for_non_ref_pic;
  return static_cast<std::int32_t>(expected);
}

H264References::H264References(const H264Sps& sps)
    : max_frame_num_(std::int64_t{1} << sps.frame_num_bits),
      max_frames_(static_cast<std::size_t>(std::max(1, sps.max_num_ref_frames))) {}

// 8.2.4.1: for frames PicNum is FrameNumWrap.
std::int64_t H264References::PicNum(const H264Frame& frame, const H264Frame& current) const {
  const auto number = static_cast<std::int64_t>(frame.frame_num);
  return frame.frame_num > current.frame_num ? number - max_frame_num_ : number;
}

const H264Frame* H264References::Find(std::int64_t pic_num, const H264Frame& current) const {
  const auto found = std::find_if(frames_.begin(), frames_.end(), [&](const H264Frame& frame) {
    return PicNum(frame, current) == pic_num;
  });
  return found == frames_.end() ? nullptr : &*found;
}

// 8.2.4.2.1 and 8.2.4.2.3
std::vector<H264Frame> H264References::InitialList(const H264SliceHeader& header,
                                                   const H264Frame& current, int list) const {
  std::vector<H264Frame> frames = frames_;
  if (header.type == H264SliceType::kP) {
    std::sort(frames.begin(), frames.end(), [&](const H264Frame& a, const H264Frame& b) {
      return PicNum(a, current) > PicNum(b, current);
    });
    return frames;
  }
  std::sort(frames.begin(), frames.end(), [](const H264Frame& a, const H264Frame& b) {
    return a.pic_order_cnt < b.pic_order_cnt;
  });
  const auto later = std::find_if(frames.begin(), frames.end(), [&](const H264Frame& frame) {
    return frame.pic_order_cnt > current.pic_order_cnt;
  });
  const std::vector<H264Frame> earlier_first(std::make_reverse_iterator(later), frames.rend());
  const std::vector<H264Frame> later_first(later, frames.end());
  std::vector<H264Frame> ordered = list == 0 ? earlier_first : later_first;
  const std::vector<H264Frame>& others = list == 0 ? later_first : earlier_first;
  ordered.insert(ordered.end(), others.begin(), others.end());
  // Both lists are equal only where one side is empty.
  const bool equal = earlier_first.empty() || later_first.empty();
  if (list == 1 && equal && ordered.size() > 1) std::swap(ordered[0], ordered[1]);
  return ordered;
}

RefList H264References::ListOf(const H264SliceHeader& header, const H264Frame& current, int list,
                               const std::vector<RefListModification>& modifications) const {
  RefList entries = IdsOf(InitialList(header, current, list));
  entries.resize(static_cast<std::size_t>(header.ref_count[static_cast<std::size_t>(list)]));
  std::int64_t predicted = current.frame_num;
  std::size_t place = 0;
  for (const RefListModification& entry : modifications) {
    if (entry.idc > kAdd) {
      throw Error(ErrorCode::kExec, "long-term reference pictures are used");
    }
    const std::int64_t distance = static_cast<std::int64_t>(entry.value) + 1;
    predicted += entry.idc == kSubtract ? -distance : distance;
    if (predicted < 0) predicted += max_frame_num_;
    if (predicted >= max_frame_num_) predicted -= max_frame_num_;
    if (place == entries.size()) {
      throw Error(ErrorCode::kExec, "a slice modifies more of its list than there is");
    }
    const std::int64_t pic_num =
        predicted > current.frame_num ? predicted - max_frame_num_ : predicted;
    const H264Frame* frame = Find(pic_num, current);
    MoveTo(place++, frame == nullptr ? std::nullopt : std::optional(frame->id), entries);
  }
  return entries;
}

std::optional<std::vector<RefListModification>> H264References::ModificationFor(
    const H264SliceHeader& header, const H264Frame& current, int list,
    const RefList& wanted) const {
  std::vector<RefListModification> entries;
  std::int64_t predicted = current.frame_num;
  for (const std::optional<std::int64_t>& id : wanted) {
    if (ListOf(header, current, list, entries) == wanted) return entries;
    const auto frame = std::find_if(frames_.begin(), frames_.end(),
                                    [&](const H264Frame& one) { return one.id == id; });
    if (frame == frames_.end()) return std::nullopt;
    std::int64_t number = PicNum(*frame, current);
    if (number < 0) number += max_frame_num_;
    const std::int64_t distance = number - predicted;
    predicted = number;
    // The same frame twice in a row lies one whole round away.
    const std::int64_t back = distance < 0 ? -distance : max_frame_num_;
    entries.push_back(distance > 0
                          ? RefListModification{kAdd, static_cast<std::uint32_t>(distance - 1)}
                          : RefListModification{kSubtract, static_cast<std::uint32_t>(back - 1)});
  }
  if (ListOf(header, current, list, entries) != wanted) return std::nullopt;
  return entries;
}

bool H264References::Mark(const H264Frame& current, const std::vector<MarkingOperation>& operations,
                          Missing missing) {
  std::vector<H264Frame> before = frames_;
  for (const MarkingOperation& operation : operations) {
    if (operation.idc != kUnmarkShortTerm) {
      throw Error(ErrorCode::kExec, "reference pictures are marked in ways that are not followed");
    }
    const H264Frame* frame =
        Find(static_cast<std::int64_t>(current.frame_num) - operation.value - 1, current);
    if (frame != nullptr) {
      frames_.erase(frames_.begin() + (frame - frames_.data()));
    } else if (missing == Missing::kRefuse) {
      frames_ = std::move(before);
      return false;
    }
  }
  // 8.2.5.3
  while (operations.empty() && frames_.size() >= max_frames_) {
    frames_.erase(std::min_element(frames_.begin(), frames_.end(),
                                   [&](const H264Frame& a, const H264Frame& b) {
                                     return PicNum(a, current) < PicNum(b, current);
                                   }));
  }
  frames_.push_back(current);
  if (frames_.size() > max_frames_) {
    throw Error(ErrorCode::kExec, "more pictures are kept for reference than the stream may");
  }
  return true;
}

std::vector<MarkingOperation> H264References::OperationsToRemove(
    const std::vector<std::int64_t>& ids, const H264Frame& current) const {
  std::vector<MarkingOperation> operations;
  for (const H264Frame& frame : frames_) {
    if (std::find(ids.begin(), ids.end(), frame.id) == ids.end()) continue;
    const std::int64_t distance =
        static_cast<std::int64_t>(current.frame_num) - PicNum(frame, current);
    operations.push_back({kUnmarkShortTerm, static_cast<std::uint32_t>(distance - 1)});
  }
  return operations;
}

}  // namespace opencut
