#include "media/set_changes.h"

#include <algorithm>

namespace opencut {
namespace {

// Parameter sets come first in a sample, now and then behind what an encoder says of its options.
constexpr std::size_t kBytesToSets[] = {512, 4096, SIZE_MAX};
constexpr std::int64_t kBatchPackets = 64;

}  // namespace

const SetsInPacket& SetChanges::SetsOf(std::int64_t ordinal) {
  const auto [known, is_new] = known_.try_emplace(ordinal);
  if (!is_new) return known->second;
  for (const std::size_t bytes : kBytesToSets) {
    const auto found = classifier_.LookForSets(source_.ReadPictureBytes(ordinal, bytes));
    if (!found) continue;
    known->second = *found;
    break;
  }
  return known->second;
}

std::vector<PictureSpan> SetChanges::Find(std::int64_t first_ordinal, std::int64_t until_dts) {
  std::vector<PictureSpan> spans;
  const std::int64_t count = source_.PictureCount();
  const bool in_band = first_ordinal < count && SetsOf(first_ordinal).any;
  std::int64_t begin = count;  // Of a span that has not ended.
  std::int64_t i = first_ordinal;
  for (; i < count; ++i) {
    const ContainerIndexEntry entry = source_.PictureEntry(i);
    if (entry.keyframe && entry.dts > until_dts) break;
    const bool other_header = source_.HeaderAt(i) != 0;
    const bool others = other_header || (in_band && entry.keyframe && SetsOf(i).others);
    if (others) begin = std::min(begin, i);
    if (others || !entry.keyframe || begin == count) continue;
    spans.push_back(SpanOf(begin, i));
    begin = count;
  }
  if (begin < count) spans.push_back(SpanOf(begin, i));
  return spans;
}

// `end_ordinal`: a sync sample, before which all is shown that comes before it in the stream.
PictureSpan SetChanges::SpanOf(std::int64_t first_ordinal, std::int64_t end_ordinal) {
  PictureSpan span{INT64_MAX, INT64_MAX};
  if (end_ordinal < source_.PictureCount()) {
    span.end_pts = source_.ReadPictureTimes(end_ordinal, end_ordinal + 1).front().pts;
  }
  bool found = false;
  while (!found && first_ordinal < end_ordinal) {
    const std::int64_t end = std::min(first_ordinal + kBatchPackets, end_ordinal);
    for (const IndexedPacket& packet : source_.ReadPictureTimes(first_ordinal, end)) {
      if (packet.shown) span.first_pts = std::min(span.first_pts, packet.pts);
      found = found || packet.dts >= span.first_pts;  // None behind it is shown earlier.
    }
    first_ordinal = end;
  }
  return span;
}

std::vector<PictureSpan> SpansOfOtherSets(const GopWindow& window) {
  std::vector<PictureSpan> spans;
  bool in_span = false;
  for (const ShownPicture& picture : ShownPictures(window)) {
    const bool others = window.packets[picture.packet].other_sets;
    if (others && !in_span) spans.push_back({picture.pts, INT64_MAX});
    if (!others && in_span) spans.back().end_pts = picture.pts;
    in_span = others;
  }
  return spans;
}

}  // namespace opencut
