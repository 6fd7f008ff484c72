#include "pipelines/source_set.h"

#include <utility>

#include "base/error.h"

namespace opencut {
SourceSet::SourceSet(const std::vector<std::string>& paths, const std::vector<bool>& used,
                     const CancellationToken& token)
    : by_source_(paths.size(), nullptr) {
  std::map<std::string, SourceFile*> by_path;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!used[i]) continue;
    SourceFile*& known = by_path[paths[i]];
    if (known == nullptr) {
      try {
        auto file = std::make_unique<SourceFile>(paths[i], token);
        known = by_identity_.emplace(file->identity(), std::move(file)).first->second.get();
      } catch (Error& error) {
        throw error.OfSource(static_cast<int>(i)).OfPath(paths[i]);
      }
    }
    by_source_[i] = known;
  }
}

std::int64_t SourceSet::bytes_read() const {
  std::int64_t bytes = 0;
  for (const auto& [identity, file] : by_identity_) bytes += file->bytes_read();
  return bytes;
}

}  // namespace opencut
