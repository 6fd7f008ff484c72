// How a packet serves as a starting point: by its NAL units where there are such, else by the
// container's word.
#pragma once

#include <cstdint>
#include <optional>

#include "bitstream/access_unit.h"
#include "bitstream/sets_in_force.h"
#include "media/packet.h"
#include "timeline/gop_index.h"
#include "timeline/stream_params.h"

namespace opencut {

class SourceFile;

struct StartingPoint {
  SyncKind kind = SyncKind::kNone;
  bool may_convert = false;    // An I picture of H.264 that may be one that can be made IDR.
  bool is_lone_field = false;  // The other field of its frame is not in the packet.
  bool other_sets = false;     // Coded with parameter sets that the stream's header does not hold.
  // HEVC: shown before the random access picture it follows; a RASL picture cannot be decoded where
  // decoding begins with that one.
  enum class Leading : std::uint8_t { kNo, kRadl, kRasl } leading = Leading::kNo;
  bool never_shown = false;  // A RASL picture that is not shown; of ClassifyNext() only.
};

// The parameter sets in a packet.
struct SetsInPacket {
  bool any = false;
  bool others = false;  // Such as the stream's header does not hold.
};

class SyncClassifier {
 public:
  explicit SyncClassifier(const VideoParams& params);

  // A packet by itself. One that is damaged is no place to start, and one with other parameter sets
  // none for a copy.
  StartingPoint Classify(const Packet& packet) const;
  // From the first bytes of a packet; nothing where they do not tell.
  std::optional<StartingPoint> ClassifyStart(const Packet& start) const;
  // Of a source with an index: from as little of the picture as tells.
  StartingPoint ClassifyAt(SourceFile& source, std::int64_t ordinal) const;
  // As ClassifyStart(), of the parameter sets in a packet.
  std::optional<SetsInPacket> LookForSets(const Packet& start) const;

  // As Classify(), for the packets of a stream one after the other from its first: parameter sets
  // that came with an earlier one count, too, and where decoding begins anew: behind the end of a
  // sequence, or a break that nothing marks, as files have that were joined byte for byte.
  StartingPoint ClassifyNext(const Packet& packet);

 private:
  std::optional<AccessUnit> Read(const Packet& packet) const;
  StartingPoint ByContainer(const Packet& packet) const;
  bool IsNeverShown(const AccessUnit& unit, const Packet& packet);

  const bool only_closed_gops_;
  std::optional<AccessUnitClassifier> units_;
  std::optional<SetsInForce> header_;  // As no packet has changed them.
  std::optional<SetsInForce> in_force_;
  bool at_start_ = true;     // No picture has come yet, or none of this sequence.
  bool skips_rasl_ = false;  // Those of the random access picture that came last.
  // The latest pts of all so far, and of those before that random access picture.
  std::int64_t last_shown_ = INT64_MIN;
  std::int64_t shown_before_irap_ = INT64_MIN;
};

}  // namespace opencut
