#include "json/job_request.h"

#include <algorithm>

#include "base/error.h"
#include "json/export_json.h"
#include "json/media_json.h"
#include "json/request.h"
#include "media/log.h"
#include "media/probe.h"
#include "pipelines/paths.h"

namespace opencut {
namespace {

std::string RunProbe(const std::string& text, const JobContext& context) {
  const ProbeRequest request = ParseProbeRequest(text);
  const AllowedRoots roots = ResolveRoots(request.allowed_roots);
  RequireReadable(request.input, roots, "input");
  std::optional<LogScope> scope;
  if (context.log != nullptr) scope.emplace(*context.log);
  try {
    return ToJson(Probe(request.input, context.token, roots));
  } catch (Error& error) {
    if (error.code() == ErrorCode::kBadArgs) error.OfJsonPath("input");
    throw;
  }
}

}  // namespace

std::optional<JobKind> JobKindOf(std::string_view name) {
  if (name == "probe") return JobKind::kProbe;
  if (name == "plan") return JobKind::kPlan;
  if (name == "export") return JobKind::kExport;
  return std::nullopt;
}

std::string RunJob(JobKind kind, const std::string& text, const JobContext& context) {
  if (kind == JobKind::kProbe) return RunProbe(text, context);
  const ExportRequest request = ParseExportRequest(text);
  if (kind == JobKind::kPlan) return ToJson(PlanExport(request, context), request.options);
  return ToJson(RunExport(request, context), request.options);
}

}  // namespace opencut
