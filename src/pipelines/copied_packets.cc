#include "pipelines/copied_packets.h"

#include <cstddef>
#include <utility>

#include "base/error.h"

namespace opencut {
namespace {

constexpr std::size_t kAheadBytes = std::size_t{4} << 20;

std::size_t BytesOf(const std::vector<Packet>& packets) {
  std::size_t bytes = 0;
  for (const Packet& packet : packets) bytes += packet.size_bytes();
  return bytes;
}

}  // namespace

CopiedPackets::CopiedPackets(std::vector<CopiedSpan> spans, Runner& runner)
    : spans_(std::move(spans)), queue_(kAheadBytes, runner.token()) {
  if (!spans_.empty()) runner.Start([this] { Read(); });
}

void CopiedPackets::Read() {
  for (const CopiedSpan& span : spans_) {
    try {
      ReadSpan(span);
    } catch (Error& error) {
      throw error.OfSource(span.source_index).OfSegment(span.segment).OfPath(span.source->path());
    }
  }
  queue_.Close();
}

void CopiedPackets::ReadSpan(const CopiedSpan& span) {
  std::int64_t next = span.first_ordinal;
  std::size_t count = 0;
  do {
    std::vector<Packet> packets = span.source->ReadPictures(next, span.end_ordinal);
    count = packets.size();
    next += static_cast<std::int64_t>(count);
    const std::size_t bytes = BytesOf(packets);
    queue_.Push(std::move(packets), bytes);
  } while (count > 0);
}

std::vector<Packet> CopiedPackets::Next() { return queue_.Pop().value_or(std::vector<Packet>()); }

}  // namespace opencut
