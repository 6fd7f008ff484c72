// Keeps neighbouring IDR pictures of H.264 apart, which streams that are joined do not.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "bitstream/bytes.h"
#include "bitstream/h264_sets.h"
#include "bitstream/h264_slice_header.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// Single-threaded.
class IdrPicIds {
 public:
  explicit IdrPicIds(H264Sets sets) : sets_(std::move(sets)) {}

  // The next picture in decoding order, its NAL units behind four bytes of length; `is_idr`: it may
  // be an IDR picture. A sample to take its place, where the one before is an IDR picture with the
  // same idr_pic_id (7.4.3).
  std::optional<Bytes> Follow(ByteView sample, bool is_idr);

 private:
  std::optional<std::uint32_t> IdOf(ByteView sample) const;
  Bytes WithId(ByteView sample, std::uint32_t id) const;

  H264Sets sets_;
  std::optional<std::uint32_t> last_;  // Of the picture before, where that is IDR.
};

}  // namespace opencut
