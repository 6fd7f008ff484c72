// ISO 8601 date and time, as far as an export config has it.
#pragma once

#include <string_view>

namespace opencut {

// Whether `text` is "YYYY-MM-DDThh:mm", then perhaps ":ss" and a fraction of any length, then "Z",
// and names a day that the Gregorian calendar has.
bool IsUtcDateTime(std::string_view text);

}  // namespace opencut
