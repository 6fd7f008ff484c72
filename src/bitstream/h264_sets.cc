#include "bitstream/h264_sets.h"

#include <utility>

#include "base/error.h"

namespace opencut {
namespace {

template <typename Set>
const Set& Find(const std::map<int, Set>& sets, int id) {
  const auto found = sets.find(id);
  if (found != sets.end()) return found->second;
  throw Error(ErrorCode::kExec, "a slice uses a parameter set that the stream lacks");
}

}  // namespace

const H264Pps& H264Sets::PpsOf(int pps_id) const { return Find(pps, pps_id); }
const H264Sps& H264Sets::SpsOf(int pps_id) const { return Find(sps, PpsOf(pps_id).sps_id); }

H264Sets ParseH264Sets(const ParameterSets& sets) {
  H264Sets parsed;
  for (const Bytes& nal : sets.sps) {
    H264Sps sps = ParseH264Sps(nal);
    parsed.sps.insert_or_assign(sps.id, std::move(sps));
  }
  for (const Bytes& nal : sets.pps) {
    const H264Pps pps = ParseH264Pps(nal);
    parsed.pps.insert_or_assign(pps.id, pps);
  }
  return parsed;
}

}  // namespace opencut
