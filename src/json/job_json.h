// What a job says beside its result, as JSON text.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "media/log.h"

namespace opencut {

// The shape of `MediaErrorJson` in types/errors.d.ts, less `name`.
std::string ToJson(const Error& error);

// What stands there for a cancelled job: `{"code":"ABORTED"}`.
std::string CancelledJson();

// The shape of `LogLine` in types/job.d.ts. `dropped_before`: how many lines before it were lost.
std::string ToJson(const LogLine& line, std::uint64_t dropped_before);

}  // namespace opencut
