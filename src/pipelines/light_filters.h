// Filters that keep what pictures look like where the output's numbers stand for other light.
#pragma once

#include <string>
#include <vector>

#include "timeline/stream_params.h"

namespace opencut {

// Whether libavfilter, as loaded, has the filters.
bool CanConvertLight();

// From `from`'s transfer, primaries, matrix and range to those of `to`, in `pixel_format`;
// libavfilter's notation. SDR white is HDR's reference white (ITU-R BT.2408), and what is brighter
// is brought below the white of SDR. REQUIRES: ShowsOtherLight(from, to), CanConvertLight().
std::vector<std::string> LightFilters(const VideoParams& from, const VideoParams& to,
                                      const std::string& pixel_format);

}  // namespace opencut
