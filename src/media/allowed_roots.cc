#include "media/allowed_roots.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <system_error>

namespace opencut {
namespace {

namespace fs = std::filesystem;

// Where an open file lies. Nothing where the system does not say.
std::optional<fs::path> RealPathOf(int fd) {
  std::array<char, PATH_MAX> path{};
#ifdef __APPLE__
  if (fcntl(fd, F_GETPATH, path.data()) != 0) return std::nullopt;
  return fs::path(path.data());
#else
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), path.data(), path.size());
  if (length <= 0 || static_cast<std::size_t>(length) == path.size()) return std::nullopt;
  return fs::path(std::string(path.data(), static_cast<std::size_t>(length)));
#endif
}

}  // namespace

bool LiesUnder(const fs::path& path, const fs::path& root) {
  const auto [in_root, in_path] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  // A root given with a trailing slash ends in an empty name.
  return in_root == root.end() || (in_root->empty() && std::next(in_root) == root.end());
}

AllowedRoots::AllowedRoots(const std::vector<std::string>& roots) : everywhere_(roots.empty()) {
  for (const std::string& root : roots) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(root, error);
    // What cannot be followed holds nothing.
    if (!error) roots_.push_back(real);
  }
}

bool AllowedRoots::Allow(const std::string& path) const {
  if (everywhere_) return true;
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return !error && Hold(real);
}

void AllowedRoots::RequireOpened(int fd, const std::string& path) const {
  if (everywhere_) return;
  const std::optional<fs::path> real = RealPathOf(fd);
  if (!real) {
    throw Error(ErrorCode::kBadArgs, "the system does not tell where " + path + " lies",
                {.path = path}, "mount /proc, which allowedRoots needs");
  }
  if (Hold(*real)) return;
  throw Error(ErrorCode::kBadArgs, path + " lies outside the allowed roots", {.path = path},
              "add its folder to allowedRoots, or move the file");
}

bool AllowedRoots::Hold(const fs::path& real_path) const {
  return std::any_of(roots_.begin(), roots_.end(),
                     [&](const fs::path& root) { return LiesUnder(real_path, root); });
}

}  // namespace opencut
