// Plans an export and carries it out.
#pragma once

#include <optional>
#include <string>

#include "base/cancellation.h"
#include "media/log.h"
#include "pipelines/export_report.h"
#include "pipelines/export_request.h"
#include "pipelines/output_place.h"

namespace opencut {

// Is asked once what an export may do, when its plan is made and nothing has been written.
class PlanReview {
 public:
  virtual ~PlanReview() = default;
  // Blocks until the export may go on; returns where to, when that is another place than the one
  // that was asked for. Throws Cancelled.
  virtual std::optional<std::string> Await(const PlanReport& plan,
                                           const ExportOptions& options) = 0;
};

// What a job is given besides its request. All may be called from the job's threads until the
// function that got it returns.
struct JobContext {
  CancellationToken token;
  ProgressSink* progress = nullptr;        // Null: nobody wants to know.
  LogSink* log = nullptr;                  // Null: libav's log is dropped.
  UnfinishedOutput* unfinished = nullptr;  // Null: nobody wants to know.
  PlanReview* review = nullptr;            // Null: an export goes on at once.
};

// Both block until done, on threads of their own making; call them on a thread that may. They throw
// Error with its phase, and Cancelled.

// Writes nothing.
PlanReport PlanExport(const ExportRequest& request, const JobContext& context);

// The output appears under its name only when it is whole; until then, and after a failure, what
// was there before is untouched.
ExportReport RunExport(const ExportRequest& request, const JobContext& context);

}  // namespace opencut
