#include "pipelines/output_place.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "host";
  std::string host(name);
  for (char& c : host) {
    if (c == '/' || c == '.' || c == '-') c = '_';
  }
  return host;
}

std::string PartPrefix(const fs::path& target) {
  return "." + target.filename().string() + "." + HostName() + "-";
}

// The process id in "<prefix><pid>-<n>.part"; nothing when `name` is no such name.
std::optional<pid_t> OwnerOf(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(".part")) return std::nullopt;
  const char* begin = name.data() + prefix.size();
  const char* end = name.data() + name.size();
  pid_t pid = 0;
  const auto [rest, error] = std::from_chars(begin, end, pid);
  if (error != std::errc() || rest == end || *rest != '-' || pid <= 0) return std::nullopt;
  return pid;
}

bool IsRunning(pid_t pid) { return kill(pid, 0) == 0 || errno == EPERM; }

}  // namespace

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

void RequireRoom(const std::string& target, std::int64_t needed_bytes, bool overwrite) {
  const std::string folder = fs::path(target).parent_path().string();
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) {
    throw FileError(ErrorCode::kFs, "open the output's folder", folder, errno);
  }
  if (!S_ISDIR(status.st_mode)) {
    throw FileError(ErrorCode::kFs, "open the output's folder", folder, ENOTDIR);
  }
  if (stat(target.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) throw FileError(ErrorCode::kFs, "write", target, EISDIR);
    if (!overwrite) throw FileError(ErrorCode::kFs, "write", target, EEXIST);
  }
  struct statvfs space {};
  if (statvfs(folder.c_str(), &space) != 0) return;
  const auto free_bytes = static_cast<std::int64_t>(space.f_bavail) *
                          static_cast<std::int64_t>(space.f_frsize);
  if (free_bytes >= needed_bytes) return;
  throw Error(ErrorCode::kFs,
              "not enough room in " + folder + ": about " + std::to_string(needed_bytes >> 20) +
                  " MiB needed, " + std::to_string(free_bytes >> 20) + " MiB free",
              {.path = target, .system = "ENOSPC"}, "free some space, or write elsewhere");
}

void RemoveLeftovers(const std::string& target) {
  const fs::path path(target);
  const std::string prefix = PartPrefix(path);
  std::error_code error;
  for (fs::directory_iterator it(path.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    const std::optional<pid_t> owner = OwnerOf(it->path().filename().string(), prefix);
    std::error_code ignored;  // Somebody else may have removed it.
    if (owner && !IsRunning(*owner)) fs::remove(it->path(), ignored);
  }
}

std::unique_ptr<OutputFile> CreatePart(const std::string& target, const CancellationToken& token) {
  static std::atomic<unsigned> next_number{0};
  const fs::path path(target);
  const std::string name = PartPrefix(path) + std::to_string(getpid()) + "-" +
                           std::to_string(next_number.fetch_add(1)) + ".part";
  return std::make_unique<OutputFile>((path.parent_path() / name).string(), token);
}

}  // namespace opencut
