// How a packet serves as a starting point: by its NAL units where there are such, else by the
// container's word.
#pragma once

#include <optional>

#include "bitstream/access_unit.h"
#include "media/packet.h"
#include "timeline/gop_index.h"
#include "timeline/stream_params.h"

namespace opencut {

struct StartingPoint {
  SyncKind kind = SyncKind::kNone;
  bool may_convert = false;    // An I picture of H.264 that may be one that can be made IDR.
  bool is_lone_field = false;  // The other field of its frame is not in the packet.
};

class SyncClassifier {
 public:
  explicit SyncClassifier(const VideoParams& params);

  // A packet that is damaged is no place to start.
  StartingPoint Classify(const Packet& packet) const;
  // From the first bytes of a packet; nothing where they do not tell.
  std::optional<StartingPoint> ClassifyStart(const Packet& start) const;

 private:
  const bool only_closed_gops_;
  std::optional<AccessUnitClassifier> units_;
};

}  // namespace opencut
