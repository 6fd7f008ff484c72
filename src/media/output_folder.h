// The folder that an output is made in, held open: what is done in it is done in the folder that
// was opened and checked, whatever becomes of its name.
#pragma once

#include <string>
#include <vector>

#include "media/allowed_roots.h"
#include "media/byte_io.h"

namespace opencut {

// Thread-safe.
class OutputFolder {
 public:
  // Throws Error(kFs) when it cannot be opened or is no folder, Error(kBadArgs) when it lies
  // outside `roots`.
  explicit OutputFolder(const std::string& path, const AllowedRoots& roots = {});

  // As it was opened.
  const std::string& path() const { return path_; }
  // Of the file `name` in it, for messages.
  std::string PathOf(const std::string& name) const;
  int descriptor() const { return folder_.get(); }

  // The names in it; none where it cannot be listed.
  std::vector<std::string> Names() const;
  // Removes a file from it, if it is there.
  void Remove(const std::string& name) const;

 private:
  const std::string path_;
  const FileDescriptor folder_;
};

}  // namespace opencut
