// What JavaScript asks for, from JSON text: types/config.d.ts and types/options.d.ts say what may
// stand in it. A config is accepted exactly where the package's Zod schema accepts it and every
// sourceIndex names a source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipelines/export_request.h"

namespace opencut {

struct ProbeRequest {
  std::string input;
  std::vector<std::string> allowed_roots = {};      // Empty: anywhere.
  std::vector<std::string> allowed_protocols = {};  // libav's names.
};

// `{ "config": ExportConfig, "options"?: ExportOptions }`. Both throw Error(kBadArgs) with
// context.json_path: "segments[2].endTime" counts from the config, "options.threads" from the
// request.
ExportRequest ParseExportRequest(std::string_view json_text);

// `{ "input": string, "options"?: AccessOptions }`.
ProbeRequest ParseProbeRequest(std::string_view json_text);

}  // namespace opencut
