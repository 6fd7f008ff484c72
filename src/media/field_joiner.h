// Makes one packet of the two fields of a frame, where a container gives each one of its own: libav
// splits MPEG-TS so, and what was made from that keeps it.
#pragma once

#include <optional>

#include "bitstream/access_unit.h"
#include "media/demuxer.h"
#include "media/packet.h"
#include "timeline/stream_params.h"

namespace opencut {

// Not thread-safe.
class FieldJoiner {
 public:
  // Of streams that hold no fields, packets go through unseen.
  explicit FieldJoiner(const VideoParams& params);

  // The next packet of the demuxer's selected stream, which must be that of the pictures. A pair
  // has the times and flags of its first field. A field whose other one does not follow stays
  // alone.
  std::optional<Packet> Read(Demuxer& demuxer);
  // To be called after each seek.
  void Forget() { ahead_.reset(); }
  bool has_joined() const { return has_joined_; }

 private:
  std::optional<AccessUnit> Describe(const Packet& packet) const;

  std::optional<AccessUnitClassifier> units_;
  std::optional<Packet> ahead_;  // Read behind a field that was alone.
  bool has_joined_ = false;
};

}  // namespace opencut
