#include "media/output_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

namespace opencut {
namespace {

int OpenFolder(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#ifdef O_PATH
  // One that may be written to and not be listed.
  if (fd < 0 && errno == EACCES) fd = open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
#endif
  if (fd < 0) throw FileError(ErrorCode::kFs, "open the output's folder", path, errno);
  return fd;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

}  // namespace

OutputFolder::OutputFolder(const std::string& path, const AllowedRoots& roots)
    : path_(path), folder_(OpenFolder(path)) {
  roots.RequireOpened(folder_.get(), path);
}

std::string OutputFolder::PathOf(const std::string& name) const {
  return (std::filesystem::path(path_) / name).string();
}

std::vector<std::string> OutputFolder::Names() const {
  // A descriptor of its own: a listing moves it.
  const int fd = openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return {};
  const std::unique_ptr<DIR, CloseDirectory> directory(fdopendir(fd));
  if (directory == nullptr) {
    close(fd);
    return {};
  }
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory.get())) names.emplace_back(entry->d_name);
  return names;
}

void OutputFolder::Remove(const std::string& name) const {
  unlinkat(folder_.get(), name.c_str(), 0);
}

}  // namespace opencut
