#include "media/field_joiner.h"

#include <utility>

#include "base/error.h"
#include "media/video_headers.h"

namespace opencut {
namespace {

Packet Joined(Packet first, const Packet& second) {
  const std::span<const std::uint8_t> begin = first.bytes();
  const std::span<const std::uint8_t> rest = second.bytes();
  Bytes bytes(begin.begin(), begin.end());
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  first.ReplaceBytes(std::move(bytes));
  first.SetDuration(first.duration() + second.duration());
  return first;
}

}  // namespace

FieldJoiner::FieldJoiner(const VideoParams& params) {
  if (!params.interlaced) return;
  if (const std::optional<Extradata> headers = HeadersOf(params)) {
    units_.emplace(headers->sets, headers->framing);
  }
}

std::optional<Packet> FieldJoiner::Read(Demuxer& demuxer) {
  std::optional<Packet> packet = ahead_ ? std::exchange(ahead_, std::nullopt) : demuxer.Read();
  if (!packet || !units_) return packet;
  const std::optional<AccessUnit> first = Describe(*packet);
  if (!first || !first->lone_field) return packet;
  ahead_ = demuxer.Read();
  const std::optional<AccessUnit> second = ahead_ ? Describe(*ahead_) : std::nullopt;
  if (!second || !IsFieldPair(*first, *second)) return packet;
  has_joined_ = true;
  return Joined(std::move(*packet), *std::exchange(ahead_, std::nullopt));
}

// Nothing for a damaged packet.
std::optional<AccessUnit> FieldJoiner::Describe(const Packet& packet) const {
  try {
    return units_->Classify(packet.bytes());
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace opencut
