// The boxes that an MP4 or MOV file is made of (ISO/IEC 14496-12, 4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bitstream/bytes.h"
#include "media/byte_io.h"

namespace opencut {

// Places in the file, in bytes: of what follows the box's header, and of what follows the box.
struct Box {
  std::string type;
  std::int64_t body = 0;
  std::int64_t end = 0;
};

// Reads no more than the headers of the boxes that it passes. All throw Cancelled, Error(kProbe).
class BoxReader {
 public:
  // `file` is referred to.
  explicit BoxReader(InputFile& file) : file_(file) {}

  Box WholeFile() const { return {.type = {}, .body = 0, .end = file_.size_bytes()}; }
  // Those that lie from here to there, up to the first that cannot be one.
  std::vector<Box> In(std::int64_t from, std::int64_t to);
  std::vector<Box> AllIn(const Box& box, std::string_view type);
  // The first box that lies in the first boxes of the types before it.
  std::optional<Box> Find(const Box& box, std::initializer_list<std::string_view> types);

  // Empty where it is larger than any header is.
  Bytes Body(const Box& box);
  Bytes Read(std::int64_t from, std::int64_t size_bytes);

 private:
  std::optional<Box> At(std::int64_t from, std::int64_t to);

  InputFile& file_;
};

// The `count` bytes from there on as a number. REQUIRES: they are there; count <= 8.
std::uint64_t BigEndian(ByteView bytes, std::size_t at, std::size_t count);

// Whether pictures and sound may lie in fragments (8.8.1), which the movie's header does not list.
bool IsFragmented(InputFile& file);

}  // namespace opencut
