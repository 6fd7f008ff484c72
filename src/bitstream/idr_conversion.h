// Makes an I picture of an open-GOP H.264 stream an IDR picture, so that a copy can begin with it.
//
// The pictures that lead it (follow it in the stream, but are shown before it) are left out. Those
// that stay are given new frame numbers without a gap. Until none of the pictures that a decoder
// keeps for reference is older than the I picture, or left out, their reference lists and marking
// are written so that they come out as before, which two simulated decoders tell: one sees the
// source, the other the copy. From that clean point on only numbers differ, by a constant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/h264_references.h"
#include "bitstream/h264_sets.h"
#include "bitstream/h264_slice_edit.h"
#include "bitstream/nal_unit.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

// Takes the samples of one stream in decoding order: those before the I picture, from a sync sample
// on, the I picture, those behind it. A copy of it stands where it stood.
//
// Throws Error(kExec) with the reason where the stream does not allow the conversion: field
// pictures, long-term references, lost pictures, parameter sets that change, damage and the like.
class IdrConversion {
 public:
  IdrConversion(const ParameterSets& sets, NalFraming framing);

  // A picture before the I picture; its first bytes are enough where they hold a slice header.
  void Follow(ByteView sample, SampleExtent extent = SampleExtent::kWhole);
  // The I picture as an IDR picture. All that is given out has 4-byte lengths.
  Bytes Begin(ByteView sample, std::uint32_t idr_pic_id);
  // A picture behind it that stays. An IDR picture, and all behind it, stay as they are.
  Bytes Convert(ByteView sample);
  // A picture behind it that is left out.
  void LeaveOut(ByteView sample);

  // No picture given out so far names one for reference that is not among them. Where one does, it
  // may or may not refer to it: the decoded pictures tell.
  bool is_proven() const { return proven_; }
  // All that is behind will come out as it does from the source.
  bool is_clean() const { return stage_ == Stage::kClean || stage_ == Stage::kOver; }

 private:
  enum class Stage {
    kBefore,
    kAffected,  // Lists and marking have to be looked after.
    kClean,     // Only numbers differ.
    kOver,      // Nothing differs any more: an IDR picture has come.
  };
  struct Slice {
    ByteView nal;
    H264SliceHeader header;
  };
  struct Unit {  // One sample.
    std::vector<ByteView> nals;
    std::vector<Slice> slices;
  };

  Unit Split(ByteView sample, SampleExtent extent) const;
  void RequireConvertible(const Unit& unit) const;
  H264Frame PlaceInSource(const H264SliceHeader& header);
  H264Frame PlaceInCopy(const H264SliceHeader& header, const H264Frame& in_source);
  void MarkInSource(const H264SliceHeader& header, const H264Frame& frame);
  H264SliceChanges NewNumbers(const H264SliceHeader& header) const;
  Bytes Write(const Unit& unit, const std::vector<H264SliceChanges>& changes) const;
  Bytes ConvertAffected(const Unit& unit);
  Bytes ConvertClean(const Unit& unit);
  std::optional<RefListModifications> NewLists(const H264SliceHeader& header,
                                               const H264Frame& in_source,
                                               const H264Frame& in_copy);
  RefList WithoutMissing(RefList list);
  std::optional<std::vector<MarkingOperation>> MarkInCopy(const H264SliceHeader& header,
                                                          const H264Frame& frame);
  bool IsKept(std::int64_t id) const;
  bool DiffersByAConstant() const;

  std::shared_ptr<const ParameterSets> family_;
  std::shared_ptr<const H264Sets> sets_;
  NalFraming framing_;
  Stage stage_ = Stage::kBefore;
  bool proven_ = true;
  std::int64_t next_id_ = 0;
  std::int64_t first_kept_ = 0;             // Id of the I picture.
  std::vector<std::int64_t> left_out_;      // Of the reference pictures behind it.
  std::int32_t highest_order_ = INT32_MIN;  // PicOrderCnt of all pictures before the I picture.
  std::int32_t base_order_ = 0;
  std::uint32_t base_frame_num_ = 0;
  std::optional<std::uint32_t> last_reference_frame_num_;
  const H264Sps* sps_ = nullptr;
  std::optional<H264PicOrder> order_;
  std::optional<H264PicOrder> copy_order_;
  std::optional<H264References> references_;
  std::optional<H264References> copy_references_;
};

}  // namespace opencut
