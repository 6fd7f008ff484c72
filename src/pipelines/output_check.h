// Checks a written file against its plan, before it gets its name.
#pragma once

#include <string>

#include "base/cancellation.h"
#include "media/allowed_roots.h"
#include "pipelines/export_request.h"
#include "pipelines/output_writer.h"
#include "timeline/plan.h"

namespace opencut {

// kFast: opens the file anew and compares streams, number of packets, start, end and sizes with
// what was written. kFull: decodes every picture too. Throws Error(kVerify), also
// when it lies outside `roots` by now, Cancelled.
void CheckOutput(const std::string& path, const Plan& plan, const WrittenCounts& written,
                 VerifyLevel level, const CancellationToken& token, const AllowedRoots& roots);

}  // namespace opencut
