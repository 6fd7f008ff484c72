#include "bitstream/sets_in_force.h"

#include <algorithm>

namespace opencut {

SetsInForce::SetsInForce(const ParameterSets& header) {
  for (const Bytes& pps : header.pps) pps_ids_.insert(ParameterSetId(header.codec, pps));
}

PictureSets SetsInForce::Follow(const AccessUnit& unit) {
  std::set<std::pair<std::uint8_t, int>> brought;
  for (const InBandSet& set : unit.in_band_sets) {
    const std::pair key(set.nal_type, set.id);
    brought.insert(key);
    if (set.relation == SetRelation::kReplaces) replaced_.insert(key);
    if (set.relation == SetRelation::kSame) replaced_.erase(key);
  }
  const bool adds =
      std::any_of(unit.in_band_sets.begin(), unit.in_band_sets.end(),
                  [](const InBandSet& set) { return set.relation == SetRelation::kAdds; });
  const bool uses_added = unit.kind != PictureKind::kNoPicture && !pps_ids_.contains(unit.pps_id);
  PictureSets sets;
  sets.of_header = replaced_.empty() && !uses_added;
  sets.self_contained = (!uses_added || adds) && std::includes(brought.begin(), brought.end(),
                                                               replaced_.begin(), replaced_.end());
  return sets;
}

}  // namespace opencut
