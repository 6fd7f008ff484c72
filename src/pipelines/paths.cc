#include "pipelines/paths.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;

bool LiesUnder(const fs::path& path, const fs::path& root) {
  const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  // A root given with a trailing slash ends in an empty name.
  return in_root == root.end() || (in_root->empty() && std::next(in_root) == root.end());
}

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

}  // namespace

void RequireReadable(const std::string& path, const std::vector<std::string>& roots,
                     const std::string& json_path) {
  RequirePlain(path, json_path);
  RequireAllowed(path, roots, json_path);
}

void RequireAllowed(const std::string& path, const std::vector<std::string>& roots,
                    const std::string& json_path) {
  if (roots.empty()) return;
  for (const std::string& root : roots) RequireNoNul(root, "options.allowedRoots");
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  for (const std::string& root : roots) {
    std::error_code root_error;
    const fs::path real_root = fs::weakly_canonical(root, root_error);
    if (!error && !root_error && LiesUnder(real, real_root)) return;
  }
  Refuse(json_path + " (" + path + ") lies outside the allowed roots", path, json_path,
         "add its folder to allowedRoots, or move the file");
}

ResolvedPaths ResolvePaths(const ExportRequest& request) {
  const ExportOptions& options = request.options;
  RequireNoNul(options.media_base_path, "options.mediaBasePath");
  const fs::path base =
      fs::absolute(options.media_base_path.empty() ? "." : options.media_base_path);
  ResolvedPaths paths;
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    const std::string json_path = "sources[" + std::to_string(i) + "].filePath";
    const std::string path = Resolve(request.sources[i].path, base / "sources", json_path);
    RequireAllowed(path, options.allowed_roots, json_path);
    paths.sources.push_back(path);
  }
  if (options.output) {
    RequirePlain(*options.output, "options.output");
    paths.output = fs::absolute(*options.output).lexically_normal().string();
    RequireAllowed(paths.output, options.allowed_roots, "options.output");
  } else {
    paths.output = Resolve(request.output_path, base, "output.filePath");
    RequireAllowed(paths.output, options.allowed_roots, "output.filePath");
  }
  return paths;
}

}  // namespace opencut
