// The input files of a job: each distinct file opened once, whatever names lead to it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "media/source_file.h"
#include "pipelines/paths.h"

namespace opencut {

class SourceSet {
 public:
  // Opens the sources whose index is in `used`. Throws, with the source's index, Error(kProbe), or
  // Error(kBadArgs) for what leads out of the allowed roots by now; Cancelled.
  SourceSet(const ResolvedPaths& paths, const std::vector<bool>& used,
            const CancellationToken& token);

  // REQUIRES: the source is used.
  SourceFile& at(int source) const { return *by_source_[static_cast<std::size_t>(source)]; }
  // The first of the used sources that name the same file. REQUIRES: the source is used.
  int FirstOfSameFile(int source) const { return first_of_same_.at(&at(source)); }
  // One source of each distinct file, ascending.
  std::vector<int> DistinctSources() const;

  std::int64_t bytes_read() const;

 private:
  std::map<FileIdentity, std::unique_ptr<SourceFile>> by_identity_;
  std::vector<SourceFile*> by_source_;
  std::map<const SourceFile*, int> first_of_same_;
};

}  // namespace opencut
