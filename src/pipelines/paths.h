// Where an export may read and write.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "media/allowed_roots.h"
#include "pipelines/export_request.h"

namespace opencut {

struct ResolvedPaths {
  std::vector<std::string> sources;  // Absolute, in the order of the config.
  std::string output;                // Absolute.
  std::string output_json_path;      // Where the output was asked for.
  AllowedRoots roots;                // Where what is opened must lie.
};

// Where a request names its source: "sources[1].filePath".
std::string SourceJsonPath(std::size_t source);

// A relative source lies under <base>/sources/, a relative output under <base>/; neither may leave
// it. Absolute paths are taken as they are. Throws Error(kBadArgs) for a path that is empty, longer
// than one may be, leaves its base, or lies outside options.allowed_roots with symbolic links
// followed.
ResolvedPaths ResolvePaths(const ExportRequest& request);

// Has the output written to `output` instead, taken as it is. Throws as ResolvePaths does.
void SetOutput(const std::string& output, ResolvedPaths& paths);

// Throws Error(kBadArgs) when the output is one of the sources; of those that no segment uses, too:
// nobody means to lose one.
void RequireOtherFile(const ResolvedPaths& paths);

// Throws Error(kBadArgs) when one of them holds a NUL character.
AllowedRoots ResolveRoots(const std::vector<std::string>& roots);

// The path of one file to be read, taken as it is. Throws Error(kBadArgs) when it is empty, holds a
// NUL character, is a URL (only files are read), or leads out of `roots`.
void RequireReadable(const std::string& path, const AllowedRoots& roots,
                     const std::string& json_path);

}  // namespace opencut
