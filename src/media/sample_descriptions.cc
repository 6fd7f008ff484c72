#include "media/sample_descriptions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "media/boxes.h"

namespace opencut {
namespace {

// The fields of a visual sample entry that come before the boxes in it (14496-12, 12.1.3.2).
constexpr std::int64_t kVisualSampleEntryBytes = 78;

std::uint32_t Number(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(BigEndian(bytes, at, 4));
}

// Of a full box with a list in it, as far as the box reaches.
std::size_t EntryCount(ByteView body, std::size_t entry_bytes) {
  if (body.size() < 8) return 0;
  return std::min<std::size_t>(Number(body, 4), (body.size() - 8) / entry_bytes);
}

bool HasTrackId(BoxReader& boxes, const Box& track, std::uint32_t track_id) {
  const std::optional<Box> header = boxes.Find(track, {"tkhd"});
  if (!header) return false;
  const Bytes body = boxes.Body(*header);
  const std::size_t at = !body.empty() && body[0] == 1 ? 20 : 12;
  return body.size() >= at + 4 && Number(body, at) == track_id;
}

std::optional<Box> SampleTable(BoxReader& boxes, std::uint32_t track_id) {
  const std::optional<Box> movie = boxes.Find(boxes.WholeFile(), {"moov"});
  if (!movie) return std::nullopt;
  for (const Box& track : boxes.AllIn(*movie, "trak")) {
    if (HasTrackId(boxes, track, track_id)) return boxes.Find(track, {"mdia", "minf", "stbl"});
  }
  return std::nullopt;
}

// The header of each sample description; empty where it has none.
std::vector<Bytes> Headers(BoxReader& boxes, const Box& descriptions) {
  std::vector<Bytes> headers;
  for (const Box& entry : boxes.In(descriptions.body + 8, descriptions.end)) {
    Bytes& header = headers.emplace_back();
    for (const Box& box : boxes.In(entry.body + kVisualSampleEntryBytes, entry.end)) {
      if (box.type == "avcC" || box.type == "hvcC") header = boxes.Body(box);
    }
  }
  return headers;
}

using PositionedDescription = std::pair<std::int64_t, std::uint32_t>;  // Counted from 1.

// Chunks by their place in the file (8.7.4, 8.7.5).
std::vector<PositionedDescription> Chunks(BoxReader& boxes, const Box& table) {
  std::vector<PositionedDescription> chunks;
  const std::optional<Box> to_chunk = boxes.Find(table, {"stsc"});
  std::optional<Box> offsets = boxes.Find(table, {"stco"});
  const std::size_t offset_bytes = offsets ? 4 : 8;
  if (!offsets) offsets = boxes.Find(table, {"co64"});
  if (!to_chunk || !offsets) return chunks;
  const Bytes runs = boxes.Body(*to_chunk);
  const Bytes places = boxes.Body(*offsets);
  const std::size_t run_count = EntryCount(runs, 12);
  std::size_t next_run = 0;
  std::uint32_t description = 1;
  for (std::size_t i = 0; i < EntryCount(places, offset_bytes); ++i) {
    while (next_run < run_count && Number(runs, 8 + 12 * next_run) <= i + 1) {
      description = Number(runs, 8 + 12 * next_run + 8);
      ++next_run;
    }
    const std::uint64_t place = BigEndian(places, 8 + offset_bytes * i, offset_bytes);
    chunks.emplace_back(static_cast<std::int64_t>(place), description);
  }
  std::sort(chunks.begin(), chunks.end());
  return chunks;
}

}  // namespace

std::vector<HeaderChange> ReadHeaderChanges(InputFile& file, std::uint32_t track_id) {
  BoxReader boxes(file);
  const std::optional<Box> table = SampleTable(boxes, track_id);
  const std::optional<Box> descriptions = table ? boxes.Find(*table, {"stsd"}) : std::nullopt;
  if (!descriptions || descriptions->end - descriptions->body < 8) return {};
  if (Number(boxes.Read(descriptions->body, 8), 4) < 2) return {};
  const std::vector<Bytes> headers = Headers(boxes, *descriptions);
  std::vector<HeaderChange> changes;
  std::uint32_t current = 0;
  for (const auto& [position, description] : Chunks(boxes, *table)) {
    if (description == current || description < 1 || description > headers.size()) continue;
    current = description;
    changes.push_back({position, headers[description - 1]});
  }
  return changes;
}

}  // namespace opencut
