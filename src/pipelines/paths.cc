#include "pipelines/paths.h"

#include <limits.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "pipelines/output_place.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownBytes = 200;  // Of a path that is none.

[[noreturn]] void Refuse(const std::string& message, const std::string& path,
                         const std::string& json_path, const std::string& hint) {
  throw Error(ErrorCode::kBadArgs, message, {.path = path, .json_path = json_path}, hint);
}

// The system would take the path to end there.
void RequireNoNul(const std::string& path, const std::string& json_path) {
  if (path.find('\0') == std::string::npos) return;
  Refuse(json_path + " holds a NUL character", path, json_path, "give a file path");
}

void RequirePlain(const std::string& path, const std::string& json_path) {
  if (path.empty()) Refuse(json_path + " is empty", path, json_path, "give a file path");
  if (path.size() >= PATH_MAX) {
    Refuse(json_path + " is longer than a path may be", path.substr(0, kShownBytes), json_path,
           "give a file path");
  }
  RequireNoNul(path, json_path);
  const std::size_t scheme = path.find("://");
  if (scheme != std::string::npos && scheme > 0 && path.find('/') > scheme) {
    Refuse(json_path + " (" + path + ") is a URL; only files are read", path, json_path,
           "download it first and give the file's path");
  }
}

std::string Resolve(const std::string& path, const fs::path& base, const std::string& json_path) {
  RequirePlain(path, json_path);
  const fs::path given(path);
  if (given.is_absolute()) return given.lexically_normal().string();
  const fs::path normal_base = base.lexically_normal();
  const fs::path resolved = (normal_base / given).lexically_normal();
  if (!LiesUnder(resolved, normal_base)) {
    Refuse(json_path + " (" + path + ") leaves the media base", path, json_path,
           "a relative path must stay inside " + normal_base.string());
  }
  return resolved.string();
}

void RequireAllowed(const std::string& path, const AllowedRoots& roots,
                    const std::string& json_path) {
  if (roots.Allow(path)) return;
  Refuse(json_path + " (" + path + ") lies outside the allowed roots", path, json_path,
         "add its folder to allowedRoots, or move the file");
}

}  // namespace

std::string SourceJsonPath(std::size_t source) {
  return "sources[" + std::to_string(source) + "].filePath";
}

AllowedRoots ResolveRoots(const std::vector<std::string>& roots) {
  for (const std::string& root : roots) RequireNoNul(root, "options.allowedRoots");
  return AllowedRoots(roots);
}

void RequireReadable(const std::string& path, const AllowedRoots& roots,
                     const std::string& json_path) {
  RequirePlain(path, json_path);
  RequireAllowed(path, roots, json_path);
}

ResolvedPaths ResolvePaths(const ExportRequest& request) {
  const ExportOptions& options = request.options;
  RequireNoNul(options.media_base_path, "options.mediaBasePath");
  const fs::path base =
      fs::absolute(options.media_base_path.empty() ? "." : options.media_base_path);
  ResolvedPaths paths;
  paths.roots = ResolveRoots(options.allowed_roots);
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    const std::string json_path = SourceJsonPath(i);
    const std::string path = Resolve(request.sources[i].path, base / "sources", json_path);
    RequireAllowed(path, paths.roots, json_path);
    paths.sources.push_back(path);
  }
  paths.output_json_path = "output.filePath";
  if (options.output) {
    SetOutput(*options.output, paths);
  } else {
    paths.output = Resolve(request.output_path, base, paths.output_json_path);
    RequireAllowed(paths.output, paths.roots, paths.output_json_path);
  }
  return paths;
}

void SetOutput(const std::string& output, ResolvedPaths& paths) {
  paths.output_json_path = "options.output";
  RequirePlain(output, paths.output_json_path);
  paths.output = fs::absolute(output).lexically_normal().string();
  RequireAllowed(paths.output, paths.roots, paths.output_json_path);
}

void RequireOtherFile(const ResolvedPaths& paths) {
  const std::optional<FileIdentity> output = IdentityOf(paths.output);
  const auto found =
      std::find_if(paths.sources.begin(), paths.sources.end(),
                   [&](const std::string& path) { return output && IdentityOf(path) == output; });
  if (found == paths.sources.end()) return;
  throw Error(ErrorCode::kBadArgs, "the output is one of the sources",
              {.path = paths.output,
               .source = static_cast<int>(found - paths.sources.begin()),
               .json_path = paths.output_json_path},
              "write to another file");
}

}  // namespace opencut
