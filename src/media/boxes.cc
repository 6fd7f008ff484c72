#include "media/boxes.h"

#include <algorithm>
#include <utility>

namespace opencut {
namespace {

constexpr std::int64_t kMostBodyBytes = 64 << 20;
constexpr std::int64_t kHeaderBytes = 8;
constexpr std::int64_t kLargeHeaderBytes = 16;

}  // namespace

std::uint64_t BigEndian(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(at, count)) value = value << 8 | byte;
  return value;
}

std::optional<Box> BoxReader::At(std::int64_t from, std::int64_t to) {
  if (to - from < kHeaderBytes) return std::nullopt;
  const Bytes head = Read(from, std::min(kLargeHeaderBytes, to - from));
  auto size = static_cast<std::int64_t>(BigEndian(head, 0, 4));
  const bool is_large = size == 1 && std::ssize(head) == kLargeHeaderBytes;
  if (is_large) size = static_cast<std::int64_t>(BigEndian(head, 8, 8));
  if (size == 0) size = to - from;
  const std::int64_t header_bytes = is_large ? kLargeHeaderBytes : kHeaderBytes;
  if (size < header_bytes || size > to - from) return std::nullopt;
  return Box{std::string(head.begin() + 4, head.begin() + 8), from + header_bytes, from + size};
}

std::vector<Box> BoxReader::In(std::int64_t from, std::int64_t to) {
  std::vector<Box> boxes;
  while (std::optional<Box> box = At(from, to)) {
    from = box->end;
    boxes.push_back(std::move(*box));
  }
  return boxes;
}

std::vector<Box> BoxReader::AllIn(const Box& box, std::string_view type) {
  std::vector<Box> boxes = In(box.body, box.end);
  std::erase_if(boxes, [&](const Box& inner) { return inner.type != type; });
  return boxes;
}

std::optional<Box> BoxReader::Find(const Box& box, std::initializer_list<std::string_view> types) {
  Box outer = box;
  for (const std::string_view type : types) {
    std::optional<Box> inner = At(outer.body, outer.end);
    while (inner && inner->type != type) inner = At(inner->end, outer.end);
    if (!inner) return std::nullopt;
    outer = std::move(*inner);
  }
  return outer;
}

Bytes BoxReader::Body(const Box& box) {
  return box.end - box.body > kMostBodyBytes ? Bytes() : Read(box.body, box.end - box.body);
}

Bytes BoxReader::Read(std::int64_t from, std::int64_t size_bytes) {
  Bytes bytes(static_cast<std::size_t>(size_bytes));
  file_.ReadAt(from, bytes);
  return bytes;
}

bool IsFragmented(InputFile& file) {
  BoxReader boxes(file);
  return boxes.Find(boxes.WholeFile(), {"moov", "mvex"}).has_value();
}

}  // namespace opencut
