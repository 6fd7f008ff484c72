// Coded bytes of one stream with their times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "media/libav_ptr.h"

namespace opencut {

// Move-only owner of one AVPacket. Times are in the time base of whoever made it; the packet does
// not carry it. A moved-from packet may only be assigned or destroyed.
class Packet {
 public:
  Packet();
  // REQUIRES: not null.
  explicit Packet(PacketPtr packet) : packet_(std::move(packet)) {}

  // `size_bytes` of unspecified content, to be filled through mutable_bytes().
  static Packet WithSize(std::size_t size_bytes);
  static Packet Copy(std::span<const std::uint8_t> bytes);

  // A second packet on the same bytes, which are copied only when one of the two is written to.
  Packet Clone() const;

  std::optional<std::int64_t> pts() const { return Known(packet_->pts); }
  std::optional<std::int64_t> dts() const { return Known(packet_->dts); }
  void SetPts(std::optional<std::int64_t> pts) { packet_->pts = pts.value_or(AV_NOPTS_VALUE); }
  void SetDts(std::optional<std::int64_t> dts) { packet_->dts = dts.value_or(AV_NOPTS_VALUE); }
  std::int64_t duration() const { return packet_->duration; }  // 0: unknown.
  void SetDuration(std::int64_t duration) { packet_->duration = duration; }
  int stream_index() const { return packet_->stream_index; }

  bool keyframe() const { return (packet_->flags & AV_PKT_FLAG_KEY) != 0; }
  void SetKeyframe(bool keyframe) { SetFlag(AV_PKT_FLAG_KEY, keyframe); }
  // To be decoded, but not shown: an edit list cuts it away.
  bool discarded() const { return (packet_->flags & AV_PKT_FLAG_DISCARD) != 0; }
  void SetDiscarded(bool discarded) { SetFlag(AV_PKT_FLAG_DISCARD, discarded); }

  std::size_t size_bytes() const { return static_cast<std::size_t>(packet_->size); }
  // Valid until the packet is changed, moved or destroyed.
  std::span<const std::uint8_t> bytes() const { return {packet_->data, size_bytes()}; }
  // The same, for writing. Copies bytes that a clone shares.
  std::span<std::uint8_t> mutable_bytes();
  // Takes other bytes; times, flags and side data stay.
  void ReplaceBytes(std::vector<std::uint8_t> bytes);

  // Extradata that replaces the stream's from this packet on; empty when none comes with it.
  std::span<const std::uint8_t> new_extradata() const;
  void SetNewExtradata(std::span<const std::uint8_t> extradata);
  // What the container said beside the bytes (samples to skip, new extradata) belongs to the file
  // it was read from.
  void DropSideData() { av_packet_free_side_data(packet_.get()); }

  // For the adapters of this folder.
  const AVPacket* get() const { return packet_.get(); }
  AVPacket* get() { return packet_.get(); }

 private:
  static std::optional<std::int64_t> Known(std::int64_t time) {
    return time == AV_NOPTS_VALUE ? std::nullopt : std::optional(time);
  }
  void SetFlag(int flag, bool on) {
    packet_->flags = on ? packet_->flags | flag : packet_->flags & ~flag;
  }

  PacketPtr packet_;
};

}  // namespace opencut
