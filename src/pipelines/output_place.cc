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

std::string PartPrefix(const std::string& name) {
  return "." + Beginning(name, kMaxNameBytes) + ".";
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
void RemoveIfAbandoned(const OutputFolder& folder, const std::string& part) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  const FileDescriptor file(openat(folder.descriptor(), part.c_str(), kFlags));
  if (file.get() < 0 || flock(file.get(), LOCK_EX | LOCK_NB) != 0) return;
  struct stat status {};
  // Without a name left, this name is another's by now.
  if (fstat(file.get(), &status) != 0 || status.st_nlink == 0) return;
  folder.Remove(part);
}

}  // namespace

std::optional<FileIdentity> IdentityOf(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

OutputPlace OpenPlace(const std::string& target, const AllowedRoots& roots) {
  const fs::path path(target);
  if (!path.has_filename()) throw FileError(ErrorCode::kFs, "write", target, EISDIR);
  return {std::make_shared<OutputFolder>(path.parent_path().string(), roots),
          path.filename().string()};
}

void RequireRoom(const OutputPlace& place, std::int64_t needed_bytes, bool overwrite) {
  const int folder = place.folder->descriptor();
  const std::string target = place.folder->PathOf(place.name);
  struct stat status {};
  if (fstatat(folder, place.name.c_str(), &status, 0) == 0) {
    if (S_ISDIR(status.st_mode)) throw FileError(ErrorCode::kFs, "write", target, EISDIR);
    if (!overwrite) throw FileError(ErrorCode::kFs, "write", target, EEXIST);
  }
  struct statvfs space {};
  // Some network file systems do not say.
  if (fstatvfs(folder, &space) != 0 || space.f_blocks == 0) return;
  const auto free_bytes =
      static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
  if (free_bytes >= needed_bytes) return;
  throw Error(ErrorCode::kFs,
              "not enough room in " + place.folder->path() + ": about " +
                  std::to_string(needed_bytes >> 20) + " MiB needed, " +
                  std::to_string(free_bytes >> 20) + " MiB free",
              {.path = target, .system = "ENOSPC"}, "free some space, or write elsewhere");
}

void RemoveLeftovers(const OutputPlace& place) {
  const std::string prefix = PartPrefix(place.name);
  for (const std::string& name : place.folder->Names()) {
    if (IsPartName(name, prefix)) RemoveIfAbandoned(*place.folder, name);
  }
}

std::unique_ptr<OutputFile> CreatePart(const OutputPlace& place, const CancellationToken& token) {
  static std::atomic<unsigned> next_number{0};
  const std::string prefix =
      PartPrefix(place.name) + HostName() + "-" + std::to_string(getpid()) + "-";
  while (true) {
    std::string name = prefix + std::to_string(next_number.fetch_add(1));
    try {
      return std::make_unique<OutputFile>(place.folder, name.append(kPartEnding), token);
    } catch (const Error& error) {
      // A process of another container may have the same host and number.
      if (error.context().system != "EEXIST") throw;
    }
  }
}

void UnfinishedOutput::Set(OutputPlace part) {
  std::lock_guard lock(mutex_);
  part_ = std::move(part);
}

void UnfinishedOutput::Remove() {
  std::lock_guard lock(mutex_);
  if (part_.folder) part_.folder->Remove(part_.name);
}

}  // namespace opencut
