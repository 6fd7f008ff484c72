// Follows the parameter sets that a stream brings along between its pictures, against those of its
// header.
#pragma once

#include <set>
#include <utility>

#include "bitstream/access_unit.h"
#include "bitstream/parameter_sets.h"

namespace opencut {

// What a picture is coded with.
struct PictureSets {
  // With sets of the header, all of which still are as they are there.
  bool of_header = true;
  // All that differ are in the sample itself: decoding can begin with it.
  bool self_contained = true;
};

class SetsInForce {
 public:
  // Throws Error(kExec) when a set cannot be parsed.
  explicit SetsInForce(const ParameterSets& header);

  // The next picture in decoding order. A set replaces the one that had its id, from its sample on
  // (H.264, 7.4.1.2.1; HEVC, 7.4.2.4.2).
  PictureSets Follow(const AccessUnit& unit);

 private:
  std::set<int> pps_ids_;                            // Of the header.
  std::set<std::pair<std::uint8_t, int>> replaced_;  // Of the header's, by NAL unit type and id.
};

}  // namespace opencut
