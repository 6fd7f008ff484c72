// A job as JavaScript asks for it: JSON text in, JSON text out (types/native.d.ts).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "media/log.h"
#include "pipelines/export_pipeline.h"

namespace opencut {

enum class JobKind { kProbe, kPlan, kExport };

// "probe", "plan", "export"; nothing for other names.
std::optional<JobKind> JobKindOf(std::string_view name);

// Runs the job to its end on this thread. Throws Error, Cancelled.
std::string RunJob(JobKind kind, const std::string& request, const JobContext& context);

// What a failed job's rejection carries in `details`.
std::string FailureDetails(const Error& error);
std::string CancelledDetails();

std::string ProgressJson(const ExportProgress& progress);
// `dropped`: how many lines before this one were lost.
std::string LogLineJson(const LogLine& line, std::uint64_t dropped);
std::string CapabilitiesJson();

}  // namespace opencut
