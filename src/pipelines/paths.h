// Where an export may read and write.
#pragma once

#include <string>
#include <vector>

#include "pipelines/export_request.h"

namespace opencut {

struct ResolvedPaths {
  std::vector<std::string> sources;  // Absolute, in the order of the config.
  std::string output;                // Absolute.
};

// A relative source lies under <base>/sources/, a relative output under <base>/; neither may leave
// it. Absolute paths are taken as they are. Throws Error(kBadArgs) for a path that is empty, leaves
// its base, or lies outside options.allowed_roots with symbolic links followed.
ResolvedPaths ResolvePaths(const ExportRequest& request);

// The path of one file to be read, taken as it is. Throws Error(kBadArgs) when it is empty, holds a
// NUL character, is a URL (only files are read), or lies outside `roots` as below.
void RequireReadable(const std::string& path, const std::vector<std::string>& roots,
                     const std::string& json_path);

// Throws Error(kBadArgs) unless `path`, with symbolic links followed, lies under one of `roots`; no
// roots allow everything.
void RequireAllowed(const std::string& path, const std::vector<std::string>& roots,
                    const std::string& json_path);

}  // namespace opencut
