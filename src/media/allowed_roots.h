// Folders that files may be opened in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace opencut {

// By their names alone.
bool LiesUnder(const std::filesystem::path& path, const std::filesystem::path& root);

class AllowedRoots {
 public:
  // Allows everything.
  AllowedRoots() = default;
  // Symbolic links in `roots` are followed now and not again. None: everything is allowed.
  explicit AllowedRoots(const std::vector<std::string>& roots);

  bool everywhere() const { return everywhere_; }

  // Whether `path`, which need not exist, lies under a root now, with symbolic links followed.
  bool Allow(const std::string& path) const;

  // Throws Error(kBadArgs), naming `path`, unless what `fd` has open lies under a root: whatever
  // becomes of names afterwards, it is this file that is read.
  void RequireOpened(int fd, const std::string& path) const;

 private:
  bool Hold(const std::filesystem::path& real_path) const;

  bool everywhere_ = true;
  std::vector<std::filesystem::path> roots_;
};

}  // namespace opencut
