// From a request to a plan: opens the sources, indexes them around the cuts and plans.
#pragma once

#include <map>
#include <memory>

#include "base/cancellation.h"
#include "bitstream/parameter_set_ids.h"
#include "media/open_gops.h"
#include "pipelines/export_report.h"
#include "pipelines/export_request.h"
#include "pipelines/paths.h"
#include "pipelines/source_set.h"

namespace opencut {

// What a plan needs of the sources' parameter sets to be carried out.
struct CopyFamily {
  int source = 0;     // The first source that has these sets.
  IdMapping mapping;  // Their ids in the output.
};

struct PreparedExport {
  ResolvedPaths paths;
  std::unique_ptr<SourceSet> sources;
  PlanReport planned;
  std::vector<CopyFamily> families;  // One per copied source of the plan.
  IdMapping encoder_ids;             // Of the encoder's sets beside those.
  IdMapping field_encoder_ids;       // Of those with which it codes frames of two fields each.
  // Of the open I pictures that copies begin with.
  std::map<const SourceFile*, IdrConversions> conversions;
};

// Throws Error, Cancelled. Writes nothing.
PreparedExport PrepareExport(const ExportRequest& request, const CancellationToken& token);

}  // namespace opencut
