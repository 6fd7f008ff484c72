// Tells of the I pictures of an open-GOP H.264 stream whether a copy can begin with them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bitstream/extradata.h"
#include "bitstream/idr_conversion.h"
#include "media/source_file.h"

namespace opencut {

// By the ordinal of the I picture: the conversion as it stands before that picture.
using IdrConversions = std::map<std::int64_t, IdrConversion>;

// Single-threaded. `source` must outlive it.
class OpenGops {
 public:
  explicit OpenGops(SourceFile& source);

  // Whether a copy can begin with the picture at `ordinal`, made IDR: tried on the packets around
  // it, and, where its headers leave doubt, on the decoded pictures. Reads the start of the
  // packets before it, and those behind it up to the point from which all comes out by itself.
  bool CanConvert(std::int64_t ordinal);

  // Why the last picture that cannot be converted cannot.
  const std::string& refusal() const { return refusal_; }
  // Of all pictures that can.
  IdrConversions TakeConversions() { return std::move(conversions_); }

 private:
  std::optional<IdrConversion> Examine(std::int64_t ordinal);
  void FollowIndexed(IdrConversion& conversion, std::int64_t first, std::int64_t end);
  void FollowScanned(IdrConversion& conversion, std::int64_t first, std::int64_t end);
  void Try(IdrConversion conversion, const Extradata& headers, std::int64_t ordinal);
  std::int64_t DecodeFrom(std::int64_t ordinal) const;

  SourceFile& source_;
  std::map<std::int64_t, bool> known_;
  IdrConversions conversions_;
  std::string refusal_;
};

}  // namespace opencut
