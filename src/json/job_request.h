// A job as JavaScript asks for it: JSON text in, JSON text out (types/native.d.ts).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipelines/export_pipeline.h"

namespace opencut {

enum class JobKind { kProbe, kPlan, kExport };

// "probe", "plan", "export"; nothing for other names.
std::optional<JobKind> JobKindOf(std::string_view name);

// Runs the job to its end on this thread. Throws Error, Cancelled.
std::string RunJob(JobKind kind, const std::string& request, const JobContext& context);

}  // namespace opencut
