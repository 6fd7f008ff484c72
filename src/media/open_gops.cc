#include "media/open_gops.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "media/conversion_check.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

// As many pictures back nothing is left of what a decoder kept before them: it keeps 16 at most,
// and encoders renew them all the time.
constexpr std::int64_t kFollowed = 128;
// Enough for a slice header and what usually stands before it.
constexpr std::size_t kBytesToSliceHeader = 1024;
// A stream whose decoder still keeps older pictures after as many is not worth reading further.
constexpr std::int64_t kMostTried = 128;
constexpr std::uint32_t kTrialIdrPicId = 0;

}  // namespace

OpenGops::OpenGops(SourceFile& source) : source_(source) {}

bool OpenGops::CanConvert(std::int64_t ordinal) {
  const auto [known, is_new] = known_.try_emplace(ordinal, false);
  if (!is_new) return known->second;
  std::optional<IdrConversion> conversion = Examine(ordinal);
  known->second = conversion.has_value();
  if (conversion) conversions_.emplace(ordinal, std::move(*conversion));
  return known->second;
}

std::optional<IdrConversion> OpenGops::Examine(std::int64_t ordinal) {
  const std::optional<Extradata> headers = HeadersOf(*source_.video_params());
  try {
    IdrConversion conversion(headers->sets, headers->framing);
    const std::int64_t first = std::max<std::int64_t>(0, ordinal - kFollowed);
    if (source_.HasPictureIndex()) {
      FollowIndexed(conversion, first, ordinal);
    } else {
      FollowScanned(conversion, first, ordinal);
    }
    Try(conversion, *headers, ordinal);
    return conversion;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kExec) throw;
    refusal_ = error.what();
    return std::nullopt;
  }
}

void OpenGops::FollowIndexed(IdrConversion& conversion, std::int64_t first, std::int64_t end) {
  for (std::int64_t i = first; i < end; ++i) {
    const Packet start = source_.ReadPictureBytes(i, kBytesToSliceHeader);
    try {
      conversion.Follow(start.bytes(), SampleExtent::kStart);
    } catch (const Error&) {  // Too short, or what the whole sample is refused for as well.
      conversion.Follow(source_.ReadPictureBytes(i).bytes());
    }
  }
}

void OpenGops::FollowScanned(IdrConversion& conversion, std::int64_t first, std::int64_t end) {
  while (first < end) {
    const std::vector<Packet> packets = source_.ReadPictures(first, end);
    if (packets.empty()) return;
    for (const Packet& packet : packets) conversion.Follow(packet.bytes());
    first += static_cast<std::int64_t>(packets.size());
  }
}

// Converts until all that is behind comes out by itself. Throws where that cannot be.
void OpenGops::Try(IdrConversion conversion, const Extradata& headers, std::int64_t ordinal) {
  const std::int64_t end = ordinal + kMostTried;
  std::vector<Packet> converted;
  bool done = false;
  std::int64_t next = ordinal;
  while (!done && next < end) {
    std::vector<Packet> packets = source_.ReadPictures(next, end);
    if (packets.empty()) break;
    for (Packet& packet : packets) {
      ++next;
      const std::int64_t pts = packet.pts().value_or(0);
      const std::int64_t first_pts = converted.empty() ? pts : converted.front().pts().value_or(0);
      if (converted.empty()) {
        packet.ReplaceBytes(conversion.Begin(packet.bytes(), kTrialIdrPicId));
      } else if (pts < first_pts) {
        conversion.LeaveOut(packet.bytes());
        continue;
      } else {
        packet.ReplaceBytes(conversion.Convert(packet.bytes()));
      }
      // No picture behind such a dts leads.
      done = conversion.is_clean() && packet.dts().value_or(pts) >= first_pts;
      converted.push_back(std::move(packet));
      if (done) break;
    }
  }
  if (conversion.is_proven()) return;
  if (converted.empty() || !ShowsTheSame(source_, headers, DecodeFrom(ordinal), next, converted)) {
    throw Error(ErrorCode::kExec, "pictures behind it refer to pictures before it");
  }
}

// Where decoding the source begins, to compare with it.
std::int64_t OpenGops::DecodeFrom(std::int64_t ordinal) const {
  std::int64_t from = std::max<std::int64_t>(0, ordinal - kFollowed);
  if (!source_.HasPictureIndex()) return from;
  for (std::int64_t i = ordinal - 1; i >= from; --i) {
    if (source_.PictureEntry(i).keyframe) return i;
  }
  return from;
}

}  // namespace opencut
