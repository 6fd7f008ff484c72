#include "media/sync_classifier.h"

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "media/source_file.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

// What comes before a picture's first slice, and its beginning, nearly always fit.
constexpr std::size_t kBytesToSlice = 4096;

// An I picture of H.264 that is not IDR: what follows may refer to what came before.
StartingPoint OfIntra(const AccessUnit& unit, bool flagged) {
  const std::optional<RecoveryPoint>& recovery = unit.recovery_point;
  if (recovery && (recovery->recovery_frame_count != 0 || recovery->broken_link)) return {};
  return {.kind = recovery ? SyncKind::kOpen : SyncKind::kNone,
          .may_convert = (recovery || flagged) && unit.is_reference};
}

// `flagged`: the container says that it is a sync sample.
StartingPoint OfHeader(const AccessUnit& unit, bool flagged) {
  switch (unit.kind) {
    case PictureKind::kIdr:
      // IDR_W_RADL may have leading pictures, which can be decoded.
      return {.kind = unit.hevc_type == HevcNalType::kIdrWRadl ? SyncKind::kIrap : SyncKind::kIdr};
    case PictureKind::kBla:
    case PictureKind::kCra:
      return {.kind = SyncKind::kIrap};
    case PictureKind::kIntra:
      return OfIntra(unit, flagged);
    default:
      return {};
  }
}

StartingPoint Describe(const AccessUnit& unit, const PictureSets& sets, bool flagged) {
  StartingPoint point = OfHeader(unit, flagged);
  point.is_lone_field = unit.lone_field.has_value();
  if (unit.kind == PictureKind::kRadl) point.leading = StartingPoint::Leading::kRadl;
  if (unit.kind == PictureKind::kRasl) point.leading = StartingPoint::Leading::kRasl;
  if (sets.of_header) return point;
  const bool can_decode = point.kind != SyncKind::kNone && sets.self_contained;
  point.kind = can_decode ? SyncKind::kOpen : SyncKind::kNone;
  point.may_convert = false;
  point.other_sets = true;
  return point;
}

bool HasOnlyClosedGops(std::string_view codec) {
  for (const std::string_view closed :
       {"vp8", "vp9", "av1", "mjpeg", "prores", "dnxhd", "ffv1", "png", "rawvideo", "v210"}) {
    if (codec == closed) return true;
  }
  return false;
}

}  // namespace

SyncClassifier::SyncClassifier(const VideoParams& params)
    : only_closed_gops_(HasOnlyClosedGops(params.codec)) {
  if (const std::optional<Extradata> headers = HeadersOf(params)) {
    units_.emplace(headers->sets, headers->framing);
    header_.emplace(headers->sets);
    in_force_ = header_;
  }
}

std::optional<StartingPoint> SyncClassifier::ClassifyStart(const Packet& start) const {
  if (!units_) return ByContainer(start);
  const std::optional<AccessUnit> unit = units_->ClassifyStart(start.bytes());
  if (!unit) return std::nullopt;
  return Describe(*unit, SetsInForce(*header_).Follow(*unit), start.keyframe());
}

StartingPoint SyncClassifier::ClassifyAt(SourceFile& source, std::int64_t ordinal) const {
  const std::optional<StartingPoint> start =
      ClassifyStart(source.ReadPictureBytes(ordinal, kBytesToSlice));
  return start ? *start : Classify(source.ReadPictureBytes(ordinal));
}

std::optional<SetsInPacket> SyncClassifier::LookForSets(const Packet& start) const {
  SetsInPacket found;
  if (!units_) return found;
  const std::optional<std::vector<InBandSet>> sets = units_->SetsAtStart(start.bytes());
  if (!sets) return std::nullopt;
  found.any = !sets->empty();
  found.others = std::any_of(sets->begin(), sets->end(), [](const InBandSet& set) {
    return set.relation == SetRelation::kReplaces;
  });
  return found;
}

StartingPoint SyncClassifier::Classify(const Packet& packet) const {
  if (!units_) return ByContainer(packet);
  const std::optional<AccessUnit> unit = Read(packet);
  if (!unit) return {};
  return Describe(*unit, SetsInForce(*header_).Follow(*unit), packet.keyframe());
}

StartingPoint SyncClassifier::ClassifyNext(const Packet& packet) {
  if (!units_) return ByContainer(packet);
  const std::optional<AccessUnit> unit = Read(packet);
  if (!unit) return {};
  StartingPoint point = Describe(*unit, in_force_->Follow(*unit), packet.keyframe());
  point.never_shown = IsNeverShown(*unit, packet);
  return point;
}

// HEVC, 8.1.3 (NoRaslOutputFlag; HandleCraAsBlaFlag at a break) and 8.3.1. What comes before a
// random access picture in the stream is shown before those that lead it, in every encoder's order.
bool SyncClassifier::IsNeverShown(const AccessUnit& unit, const Packet& packet) {
  if (unit.kind == PictureKind::kNoPicture) return false;
  if (unit.kind == PictureKind::kBla) skips_rasl_ = true;
  if (unit.kind == PictureKind::kCra) skips_rasl_ = at_start_ || unit.begins_sequence;
  at_start_ = units_->EndsSequence(packet.bytes());
  const std::int64_t pts = packet.pts().value_or(last_shown_);
  if (unit.kind == PictureKind::kCra) shown_before_irap_ = last_shown_;
  last_shown_ = std::max(last_shown_, pts);
  if (unit.kind != PictureKind::kRasl) return false;
  skips_rasl_ = skips_rasl_ || pts <= shown_before_irap_;
  return skips_rasl_;
}

std::optional<AccessUnit> SyncClassifier::Read(const Packet& packet) const {
  try {
    return units_->Classify(packet.bytes());
  } catch (const Error&) {
    return std::nullopt;
  }
}

StartingPoint SyncClassifier::ByContainer(const Packet& packet) const {
  if (!packet.keyframe()) return {};
  return {.kind = only_closed_gops_ ? SyncKind::kIdr : SyncKind::kOpen};
}

}  // namespace opencut
