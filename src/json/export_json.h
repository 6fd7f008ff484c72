// What an export plans, does and has done, as JSON text.
#pragma once

#include <string>

#include "pipelines/export_report.h"
#include "pipelines/export_request.h"

namespace opencut {

// The shape of `ExportPlan` in types/plan.d.ts. With `options.clamp_silently` without the warnings
// that a segment ends beyond its source.
std::string ToJson(const PlanReport& report, const ExportOptions& options);

// The shape of `ExportReport` in types/export.d.ts, likewise.
std::string ToJson(const ExportReport& report, const ExportOptions& options);

// The shape of `ExportProgress` in types/job.d.ts.
std::string ToJson(const ExportProgress& progress);

}  // namespace opencut
