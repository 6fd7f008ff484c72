#include "bitstream/idr_conversion.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/error.h"

namespace opencut {
namespace {

constexpr std::uint32_t kUnmarkAll = 5;  // memory_management_control_operation.

[[noreturn]] void Refuse(const char* reason) { throw Error(ErrorCode::kExec, reason); }

std::uint32_t Modulo(std::int64_t value, std::int64_t modulus) {
  return static_cast<std::uint32_t>((value % modulus + modulus) % modulus);
}

void RequireFollowed(const H264SliceHeader& header) {
  if (header.is_long_term) Refuse("long-term reference pictures are used");
}

// Whether pictures are apart by turns, as a cycle says that begins anew with an IDR picture
// (8.2.1.2).
bool CountsInACycle(const H264Sps& sps) {
  const std::vector<std::int32_t>& offsets = sps.offsets_for_ref_frame;
  return sps.pic_order_cnt_type == 1 &&
         std::adjacent_find(offsets.begin(), offsets.end(), std::not_equal_to<>()) != offsets.end();
}

bool UnmarksAll(const H264SliceHeader& header) {
  return std::any_of(header.marking.begin(), header.marking.end(),
                     [](const MarkingOperation& operation) { return operation.idc == kUnmarkAll; });
}

}  // namespace

IdrConversion::IdrConversion(const ParameterSets& sets, NalFraming framing)
    : family_(std::make_shared<const ParameterSets>(sets)),
      sets_(std::make_shared<const H264Sets>(ParseH264Sets(sets))),
      framing_(framing) {}

IdrConversion::Unit IdrConversion::Split(ByteView sample, SampleExtent extent) const {
  Unit unit;
  NalUnitReader reader(sample, framing_, extent);
  while (const std::optional<ByteView> nal = reader.Next()) {
    unit.nals.push_back(*nal);
    const H264NalType type = H264TypeOf(*nal);
    if (type == H264NalType::kSlice || type == H264NalType::kSliceIdr) {
      unit.slices.push_back({*nal, ParseH264SliceHeader(*nal, *sets_)});
      if (unit.slices.back().header.is_field) Refuse("its pictures are coded as fields");
      if (extent == SampleExtent::kStart) break;
    } else if (IsSlice(NalCodec::kH264, *nal) || type == H264NalType::kAuxiliarySlice ||
               type == H264NalType::kPrefix || type == H264NalType::kSliceExtension ||
               type == H264NalType::kSliceExtension3d) {
      Refuse("its pictures have parts beside the usual slices");
    } else if (IsParameterSet(NalCodec::kH264, *nal) && !Contains(*family_, *nal)) {
      Refuse("its parameter sets change");
    }
  }
  if (unit.slices.empty()) Refuse("a sample holds no picture");
  for (std::size_t i = 1; i < unit.slices.size(); ++i) {
    if (unit.slices[i].header.first_macroblock == 0) Refuse("a sample holds two pictures");
  }
  return unit;
}

// The frame's numbers in the source; its decoder comes to it.
H264Frame IdrConversion::PlaceInSource(const H264SliceHeader& header) {
  RequireFollowed(header);
  if (!order_ || header.is_idr) {
    sps_ = &sets_->SpsOf(header.pps_id);
    order_.emplace(*sps_);
    references_.emplace(*sps_);
    highest_order_ = INT32_MIN;
    last_reference_frame_num_.reset();
  }
  const std::int64_t max_frame_num = std::int64_t{1} << sps_->frame_num_bits;
  if (stage_ != Stage::kBefore && last_reference_frame_num_ &&
      header.frame_num != Modulo(std::int64_t{*last_reference_frame_num_} + 1, max_frame_num)) {
    Refuse("pictures are missing from it");
  }
  if (header.ref_idc != 0) last_reference_frame_num_ = header.frame_num;
  return {next_id_++, header.frame_num, order_->Next(header)};
}

void IdrConversion::MarkInSource(const H264SliceHeader& header, const H264Frame& frame) {
  if (header.ref_idc == 0) return;
  references_->Mark(frame, header.marking, H264References::Missing::kPassOver);
}

void IdrConversion::Follow(ByteView sample, SampleExtent extent) {
  const Unit unit = Split(sample, extent);
  const H264SliceHeader& header = unit.slices.front().header;
  const H264Frame frame = PlaceInSource(header);
  highest_order_ = std::max(highest_order_, frame.pic_order_cnt);
  MarkInSource(header, frame);
}

void IdrConversion::RequireConvertible(const Unit& unit) const {
  const H264SliceHeader& first = unit.slices.front().header;
  const bool intra = std::all_of(unit.slices.begin(), unit.slices.end(),
                                 [](const Slice& slice) { return slice.header.IsIntra(); });
  if (!intra || first.ref_idc == 0 || first.is_idr) Refuse("it is not an I picture for reference");
  for (const Slice& slice : unit.slices) {
    if (sets_->PpsOf(slice.header.pps_id).redundant_pic_cnt_present) {
      Refuse("its pictures may be coded twice");
    }
  }
}

Bytes IdrConversion::Begin(ByteView sample, std::uint32_t idr_pic_id) {
  const Unit unit = Split(sample, SampleExtent::kWhole);
  RequireConvertible(unit);
  stage_ = Stage::kAffected;
  const H264SliceHeader& header = unit.slices.front().header;
  const H264Frame in_source = PlaceInSource(header);
  if (highest_order_ > in_source.pic_order_cnt) {
    Refuse("a picture that comes before it in the stream is shown behind it");
  }
  if (CountsInACycle(*sps_)) {
    Refuse("its order of display depends on pictures that are left out");
  }
  first_kept_ = in_source.id;
  base_order_ = in_source.pic_order_cnt;
  base_frame_num_ = header.frame_num;
  MarkInSource(header, in_source);

  copy_order_.emplace(*sps_);
  copy_references_.emplace(*sps_);
  const H264Frame in_copy = PlaceInCopy(header, in_source);
  copy_references_->Mark(in_copy, {}, H264References::Missing::kRefuse);
  std::vector<H264SliceChanges> changes(unit.slices.size(), NewNumbers(header));
  for (H264SliceChanges& change : changes) change.idr_pic_id = idr_pic_id;
  return Write(unit, changes);
}

// The sample with the changes made to each of its slices.
Bytes IdrConversion::Write(const Unit& unit, const std::vector<H264SliceChanges>& changes) const {
  Bytes out;
  std::size_t next = 0;
  for (const ByteView nal : unit.nals) {
    if (next == unit.slices.size() || unit.slices[next].nal.data() != nal.data()) {
      AppendLengthPrefixed(nal, out);
      continue;
    }
    const std::size_t begin = BeginLengthPrefixed(out);
    AppendChangedSlice(nal, unit.slices[next].header, *sets_, changes[next], out);
    EndLengthPrefixed(begin, out);
    ++next;
  }
  return out;
}

H264SliceChanges IdrConversion::NewNumbers(const H264SliceHeader& header) const {
  const auto dropped = static_cast<std::int64_t>(left_out_.size());
  H264SliceChanges changes;
  changes.frame_num = Modulo(std::int64_t{header.frame_num} - base_frame_num_ - dropped,
                             std::int64_t{1} << sps_->frame_num_bits);
  if (sps_->pic_order_cnt_type == 0) {
    changes.pic_order_cnt_lsb = Modulo(std::int64_t{header.pic_order_cnt_lsb} - base_order_,
                                       std::int64_t{1} << sps_->pic_order_cnt_bits);
  }
  return changes;
}

// The frame's numbers in the copy; its decoder comes to it. In the order of display each must have
// the same distance from the I picture as before: so do B pictures weight and predict.
H264Frame IdrConversion::PlaceInCopy(const H264SliceHeader& header, const H264Frame& in_source) {
  const H264SliceChanges numbers = NewNumbers(header);
  H264SliceHeader changed = header;
  changed.is_idr = in_source.id == first_kept_;
  changed.frame_num = numbers.frame_num;
  changed.pic_order_cnt_lsb = numbers.pic_order_cnt_lsb;
  const H264Frame frame{in_source.id, numbers.frame_num, copy_order_->Next(changed)};
  if (frame.pic_order_cnt != in_source.pic_order_cnt - base_order_) {
    Refuse("its order of display depends on pictures that are left out");
  }
  return frame;
}

bool IdrConversion::IsKept(std::int64_t id) const {
  return id >= first_kept_ && std::find(left_out_.begin(), left_out_.end(), id) == left_out_.end();
}

// Whether what the source's decoder holds for reference stays, and has the same distances in frame
// numbers in the copy: none was left out between.
bool IdrConversion::DiffersByAConstant() const {
  const std::int64_t from = left_out_.empty() ? first_kept_ : left_out_.back() + 1;
  const std::vector<H264Frame>& frames = references_->frames();
  return std::all_of(frames.begin(), frames.end(),
                     [from](const H264Frame& frame) { return frame.id >= from; });
}

// Entries that the copy lacks are filled: no entry may be empty, used or not. Positions stay as
// they are, and with them the slice's ref indices and weights.
RefList IdrConversion::WithoutMissing(RefList list) {
  for (std::optional<std::int64_t>& id : list) {
    if (id && IsKept(*id)) continue;
    proven_ = false;
    if (copy_references_->frames().empty()) Refuse("it refers to pictures that are left out");
    id = copy_references_->frames().back().id;
  }
  return list;
}

// What makes a slice's lists come out as in the source; nothing where they do as they are.
std::optional<RefListModifications> IdrConversion::NewLists(const H264SliceHeader& header,
                                                            const H264Frame& in_source,
                                                            const H264Frame& in_copy) {
  RefListModifications modifications = header.modifications;
  bool changed = false;
  for (int list = 0; list < header.ListCount(); ++list) {
    auto& entries = modifications[static_cast<std::size_t>(list)];
    const RefList wanted = WithoutMissing(references_->ListOf(header, in_source, list, entries));
    if (copy_references_->ListOf(header, in_copy, list, entries) == wanted) continue;
    std::optional<std::vector<RefListModification>> found =
        copy_references_->ModificationFor(header, in_copy, list, wanted);
    if (!found) Refuse("its reference lists cannot be kept");
    entries = std::move(*found);
    changed = true;
  }
  return changed ? std::optional(std::move(modifications)) : std::nullopt;
}

// Marks in the copy so that it holds what the source holds of the pictures that stay. Nothing: the
// operations as they are do that. REQUIRES: the source has been marked.
std::optional<std::vector<MarkingOperation>> IdrConversion::MarkInCopy(
    const H264SliceHeader& header, const H264Frame& frame) {
  std::vector<std::int64_t> wanted;
  for (const H264Frame& held : references_->frames()) {
    if (IsKept(held.id)) wanted.push_back(held.id);
  }
  const auto gives_wanted = [&](const std::vector<MarkingOperation>& operations) {
    H264References trial = *copy_references_;
    if (!trial.Mark(frame, operations, H264References::Missing::kRefuse)) return false;
    std::vector<std::int64_t> held;
    for (const H264Frame& one : trial.frames()) held.push_back(one.id);
    if (held != wanted) return false;
    *copy_references_ = std::move(trial);
    return true;
  };
  if (gives_wanted(header.marking)) return std::nullopt;
  if (gives_wanted({})) return std::vector<MarkingOperation>();
  std::vector<std::int64_t> unwanted;
  for (const H264Frame& held : copy_references_->frames()) {
    if (std::find(wanted.begin(), wanted.end(), held.id) == wanted.end()) {
      unwanted.push_back(held.id);
    }
  }
  std::vector<MarkingOperation> operations = copy_references_->OperationsToRemove(unwanted, frame);
  if (!gives_wanted(operations)) Refuse("its reference pictures cannot be kept");
  return operations;
}

Bytes IdrConversion::ConvertAffected(const Unit& unit) {
  const H264SliceHeader& first = unit.slices.front().header;
  const H264Frame in_source = PlaceInSource(first);
  const H264Frame in_copy = PlaceInCopy(first, in_source);
  std::vector<H264SliceChanges> changes;
  for (const Slice& slice : unit.slices) {
    changes.push_back(NewNumbers(slice.header));
    changes.back().modifications = NewLists(slice.header, in_source, in_copy);
  }
  if (first.ref_idc != 0) {
    MarkInSource(first, in_source);
    const std::optional<std::vector<MarkingOperation>> marking = MarkInCopy(first, in_copy);
    for (H264SliceChanges& change : changes) change.marking = marking;
  }
  if (DiffersByAConstant()) stage_ = Stage::kClean;
  return Write(unit, changes);
}

Bytes IdrConversion::ConvertClean(const Unit& unit) {
  std::vector<H264SliceChanges> changes;
  for (const Slice& slice : unit.slices) changes.push_back(NewNumbers(slice.header));
  // Numbers begin anew behind it, in the source as in the copy.
  if (UnmarksAll(unit.slices.front().header)) stage_ = Stage::kOver;
  return Write(unit, changes);
}

Bytes IdrConversion::Convert(ByteView sample) {
  if (stage_ == Stage::kOver) return ToLengthPrefixed(NalCodec::kH264, sample, framing_, {});
  const Unit unit = Split(sample, SampleExtent::kWhole);
  if (unit.slices.front().header.is_idr) {
    stage_ = Stage::kOver;
    return ToLengthPrefixed(NalCodec::kH264, sample, framing_, {});
  }
  return stage_ == Stage::kClean ? ConvertClean(unit) : ConvertAffected(unit);
}

void IdrConversion::LeaveOut(ByteView sample) {
  if (stage_ == Stage::kOver) return;
  const Unit unit = Split(sample, SampleExtent::kWhole);
  const H264SliceHeader& header = unit.slices.front().header;
  if (stage_ == Stage::kClean && header.ref_idc != 0) {
    Refuse("a picture for reference is shown before it that comes late in the stream");
  }
  if (stage_ == Stage::kClean) return;
  const H264Frame frame = PlaceInSource(header);
  MarkInSource(header, frame);
  if (header.ref_idc != 0) left_out_.push_back(frame.id);
}

}  // namespace opencut
