#include "media/sync_classifier.h"

#include <string_view>

#include "base/error.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

// An I picture of H.264 that is not IDR: what follows may refer to what came before.
StartingPoint OfIntra(const AccessUnit& unit, bool flagged) {
  const std::optional<RecoveryPoint>& recovery = unit.recovery_point;
  if (recovery && (recovery->recovery_frame_count != 0 || recovery->broken_link)) return {};
  return {.kind = recovery ? SyncKind::kOpen : SyncKind::kNone,
          .may_convert = (recovery || flagged) && unit.is_reference};
}

StartingPoint OfKind(const AccessUnit& unit, bool flagged) {
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

// `flagged`: the container says that it is a sync sample.
StartingPoint Describe(const AccessUnit& unit, bool flagged) {
  StartingPoint point = OfKind(unit, flagged);
  point.is_lone_field = unit.lone_field.has_value();
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
  }
}

std::optional<StartingPoint> SyncClassifier::ClassifyStart(const Packet& start) const {
  if (!units_) return Classify(start);
  const std::optional<AccessUnit> unit = units_->ClassifyStart(start.bytes());
  return unit ? std::optional(Describe(*unit, start.keyframe())) : std::nullopt;
}

StartingPoint SyncClassifier::Classify(const Packet& packet) const {
  if (!units_) {
    if (!packet.keyframe()) return {};
    return {.kind = only_closed_gops_ ? SyncKind::kIdr : SyncKind::kOpen};
  }
  try {
    return Describe(units_->Classify(packet.bytes()), packet.keyframe());
  } catch (const Error&) {
    return {};
  }
}

}  // namespace opencut
