#include "pipelines/output_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;

// A name may have 255 bytes, and those of parts are longer than their targets'.
constexpr std::size_t kMaxNameBytes = 160;
constexpr std::size_t kMaxHostBytes = 64;
constexpr std::string_view kPartEnding = ".part";

std::string HostName() {
  char name[kMaxHostBytes + 1] = {};
  gethostname(name, kMaxHostBytes);
  std::string host(name);
  for (char& c : host) {
    if (c == '/' || c == '.' || c == '-') c = '_';
  }
  return host;
}

// The first bytes of a text in UTF-8, at most `most`, no character cut in two.
std::string Beginning(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

std::string PartPrefix(const fs::path& target) {
  return "." + Beginning(target.filename().string(), kMaxNameBytes) + ".";
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether `name` is "<prefix><host>-<pid>-<n>.part".
bool IsPartName(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(kPartEnding)) return false;
  if (name.size() < prefix.size() + kPartEnding.size()) return false;
  name.remove_prefix(prefix.size());
  name.remove_suffix(kPartEnding.size());
  const std::size_t last = name.rfind('-');
  const std::size_t first = name.find('-');
  if (first == last) return false;
  // A host has no dot here: one would belong to the name of another target.
  return name.substr(0, first).find('.') == std::string_view::npos &&
         IsNumber(name.substr(first + 1, last - first - 1)) && IsNumber(name.substr(last + 1));
}

// The lock and not the process in its name tells whether a part is still written to: processes of
// several containers share a folder, and their numbers come again.
void RemoveIfAbandoned(const fs::path& part) {
  const FileDescriptor file(
      open(part.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0 || flock(file.get(), LOCK_EX | LOCK_NB) != 0) return;
  struct stat status {};
  // Without a name left, this name is another's by now.
  if (fstat(file.get(), &status) != 0 || status.st_nlink == 0) return;
  unlink(part.c_str());
}

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
  // Some network file systems do not say.
  if (statvfs(folder.c_str(), &space) != 0 || space.f_blocks == 0) return;
  const auto free_bytes =
      static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
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
    if (IsPartName(it->path().filename().string(), prefix)) RemoveIfAbandoned(it->path());
  }
}

std::unique_ptr<OutputFile> CreatePart(const std::string& target, const CancellationToken& token) {
  static std::atomic<unsigned> next_number{0};
  const fs::path path(target);
  const std::string prefix = PartPrefix(path) + HostName() + "-" + std::to_string(getpid()) + "-";
  while (true) {
    std::string name = prefix + std::to_string(next_number.fetch_add(1));
    try {
      return std::make_unique<OutputFile>((path.parent_path() / name.append(kPartEnding)).string(),
                                          token);
    } catch (const Error& error) {
      // A process of another container may have the same host and number.
      if (error.context().system != "EEXIST") throw;
    }
  }
}

void UnfinishedOutput::Set(std::string path) {
  std::lock_guard lock(mutex_);
  path_ = std::move(path);
}

void UnfinishedOutput::Remove() {
  std::lock_guard lock(mutex_);
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace opencut
