#include "pipelines/source_set.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace opencut {
SourceSet::SourceSet(const ResolvedPaths& paths, const std::vector<bool>& used,
                     const CancellationToken& token)
    : by_source_(paths.sources.size(), nullptr) {
  std::map<std::string, SourceFile*> by_path;
  for (std::size_t i = 0; i < paths.sources.size(); ++i) {
    if (!used[i]) continue;
    const std::string& path = paths.sources[i];
    SourceFile*& known = by_path[path];
    if (known == nullptr) {
      try {
        auto file = std::make_unique<SourceFile>(path, token, paths.roots);
        known = by_identity_.emplace(file->identity(), std::move(file)).first->second.get();
      } catch (Error& error) {
        if (error.code() == ErrorCode::kBadArgs) error.OfJsonPath(SourceJsonPath(i));
        throw error.OfSource(static_cast<int>(i)).OfPath(path);
      }
    }
    by_source_[i] = known;
    first_of_same_.emplace(known, static_cast<int>(i));
  }
}

std::vector<int> SourceSet::DistinctSources() const {
  std::vector<int> sources;
  for (const auto& [file, first] : first_of_same_) sources.push_back(first);
  std::sort(sources.begin(), sources.end());
  return sources;
}

std::int64_t SourceSet::bytes_read() const {
  std::int64_t bytes = 0;
  for (const auto& [identity, file] : by_identity_) bytes += file->bytes_read();
  return bytes;
}

}  // namespace opencut
