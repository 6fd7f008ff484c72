#include "media/sample_descriptions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace opencut {
namespace {

// The fields of a visual sample entry that come before the boxes in it (14496-12, 12.1.3.2).
constexpr std::int64_t kVisualSampleEntryBytes = 78;
constexpr std::int64_t kMostBoxBytes = 64 << 20;

struct Box {
  std::string type;
  std::int64_t body = 0;
  std::int64_t end = 0;
};

std::uint64_t BigEndian(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(at, count)) value = value << 8 | byte;
  return value;
}

std::uint32_t Number(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(BigEndian(bytes, at, 4));
}

class BoxReader {
 public:
  explicit BoxReader(InputFile& file) : file_(file) {}

  std::vector<Box> In(std::int64_t from, std::int64_t to) {
    std::vector<Box> boxes;
    while (from + 8 <= to) {
      const Bytes head = Read(from, std::min<std::int64_t>(16, to - from));
      auto size = static_cast<std::int64_t>(Number(head, 0));
      const bool is_large = size == 1 && head.size() == 16;
      if (is_large) size = static_cast<std::int64_t>(BigEndian(head, 8, 8));
      if (size == 0) size = to - from;
      const std::int64_t header_bytes = is_large ? 16 : 8;
      if (size < header_bytes || size > to - from) break;
      boxes.push_back(
          {std::string(head.begin() + 4, head.begin() + 8), from + header_bytes, from + size});
      from += size;
    }
    return boxes;
  }

  std::vector<Box> AllIn(const Box& box, std::string_view type) {
    std::vector<Box> boxes = In(box.body, box.end);
    std::erase_if(boxes, [&](const Box& inner) { return inner.type != type; });
    return boxes;
  }

  // The box that lies in boxes of the types before it.
  std::optional<Box> Find(const Box& box, std::initializer_list<std::string_view> types) {
    Box at = box;
    for (const std::string_view type : types) {
      const std::vector<Box> found = AllIn(at, type);
      if (found.empty()) return std::nullopt;
      at = found.front();
    }
    return at;
  }

  Bytes Body(const Box& box) {
    return box.end - box.body > kMostBoxBytes ? Bytes() : Read(box.body, box.end - box.body);
  }

  Box WholeFile() const { return {.type = {}, .body = 0, .end = file_.size_bytes()}; }

  Bytes Read(std::int64_t from, std::int64_t size) {
    Bytes bytes(static_cast<std::size_t>(size));
    file_.ReadAt(from, bytes);
    return bytes;
  }

 private:
  InputFile& file_;
};

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
