#include "pipelines/source_set.h"

#include <utility>

#include "base/error.h"

namespace opencut {
namespace {

// Room for the GOPs around some thirty cuts of 1080p at 8 Mb/s; what does not fit is read again.
constexpr std::size_t kCacheBytes = std::size_t{48} << 20;

}  // namespace

SourceSet::SourceSet(const std::vector<std::string>& paths, const std::vector<bool>& used,
                     const CancellationToken& token)
    : budget_(kCacheBytes), by_source_(paths.size(), nullptr) {
  std::map<std::string, SourceFile*> by_path;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!used[i]) continue;
    SourceFile*& known = by_path[paths[i]];
    if (known == nullptr) {
      try {
        auto file = std::make_unique<SourceFile>(paths[i], token, budget_);
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
