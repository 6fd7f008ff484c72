// Finds the pictures of a source that are coded with other parameter sets than its header holds,
// which a copy could not tell a decoder of.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "media/source_file.h"
#include "media/sync_classifier.h"
#include "timeline/gop_index.h"

namespace opencut {

// Single-threaded. Both arguments must outlive it.
class SetChanges {
 public:
  SetChanges(SourceFile& source, const SyncClassifier& classifier)
      : source_(source), classifier_(classifier) {}

  // Among the pictures of a source with an index, from the sync sample `first_ordinal` on to the
  // first sync sample behind `until_dts`. By the index itself where a track has several headers.
  // Where the first sample has sets in band, so may others: then a few bytes of every sync sample
  // are read. That is enough since decoding can begin there (ISO/IEC 14496-12, 8.6.2): what its
  // header lacks a sync sample brings along. Elsewhere no sample but the first is looked at.
  std::vector<PictureSpan> Find(std::int64_t first_ordinal, std::int64_t until_dts);

 private:
  const SetsInPacket& SetsOf(std::int64_t ordinal);
  PictureSpan SpanOf(std::int64_t first_ordinal, std::int64_t end_ordinal);

  SourceFile& source_;
  const SyncClassifier& classifier_;
  std::map<std::int64_t, SetsInPacket> known_;  // By ordinal.
};

// The same of pictures that were all looked at, in decoding order.
std::vector<PictureSpan> SpansOfOtherSets(const GopWindow& window);

}  // namespace opencut
