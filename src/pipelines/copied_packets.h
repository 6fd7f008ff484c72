// Reads what is copied ahead of the writer, so that reading and writing go on at once.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bounded_queue.h"
#include "media/packet.h"
#include "media/source_file.h"
#include "pipelines/runner.h"

namespace opencut {

// The pictures [first_ordinal, end_ordinal) of a source.
struct CopiedSpan {
  SourceFile* source = nullptr;
  int source_index = 0;
  int segment = 0;
  std::int64_t first_ordinal = 0;
  std::int64_t end_ordinal = 0;
};

class CopiedPackets {
 public:
  // Starts a thread of `runner`, which must be joined before this is destroyed.
  CopiedPackets(std::vector<CopiedSpan> spans, Runner& runner);

  // The packets that come next in the span; none at its end, after which the next span begins.
  // Throws Cancelled when the job has failed or was cancelled.
  std::vector<Packet> Next();

 private:
  void Read();
  void ReadSpan(const CopiedSpan& span);

  const std::vector<CopiedSpan> spans_;
  BoundedQueue<std::vector<Packet>> queue_;
};

}  // namespace opencut
