#include "media/packet.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace opencut {

namespace {

int PacketSize(std::size_t size_bytes) {
  constexpr std::size_t limit = std::numeric_limits<int>::max() - AV_INPUT_BUFFER_PADDING_SIZE;
  if (size_bytes > limit) throw Error(ErrorCode::kExec, "a packet of more than 2 GiB");
  return static_cast<int>(size_bytes);
}

void DeleteVector(void* opaque, std::uint8_t*) noexcept {
  delete static_cast<std::vector<std::uint8_t>*>(opaque);
}

}  // namespace

Packet::Packet() : packet_(CheckAllocated(av_packet_alloc())) {}

Packet Packet::WithSize(std::size_t size_bytes) {
  Packet packet;
  Check(av_new_packet(packet.get(), PacketSize(size_bytes)), "allocate a packet");
  return packet;
}

Packet Packet::Copy(std::span<const std::uint8_t> bytes) {
  Packet packet = WithSize(bytes.size());
  std::copy(bytes.begin(), bytes.end(), packet.packet_->data);
  return packet;
}

Packet Packet::Clone() const {
  return Packet(PacketPtr(CheckAllocated(av_packet_clone(packet_.get()))));
}

std::span<std::uint8_t> Packet::mutable_bytes() {
  if (packet_->size == 0) return {};
  Check(av_packet_make_writable(packet_.get()), "copy a packet");
  return {packet_->data, size_bytes()};
}

void Packet::ReplaceBytes(std::vector<std::uint8_t> bytes) {
  const int size = PacketSize(bytes.size());
  bytes.resize(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE);
  auto owned = std::make_unique<std::vector<std::uint8_t>>(std::move(bytes));
  AVBufferRef* buffer =
      CheckAllocated(av_buffer_create(owned->data(), owned->size(), &DeleteVector, owned.get(), 0));
  av_buffer_unref(&packet_->buf);
  packet_->buf = buffer;
  packet_->data = owned.release()->data();
  packet_->size = size;
}

std::span<const std::uint8_t> Packet::new_extradata() const {
  std::size_t size = 0;
  const std::uint8_t* data =
      av_packet_get_side_data(packet_.get(), AV_PKT_DATA_NEW_EXTRADATA, &size);
  return {data, size};
}

void Packet::SetNewExtradata(std::span<const std::uint8_t> extradata) {
  std::uint8_t* data = CheckAllocated(
      av_packet_new_side_data(packet_.get(), AV_PKT_DATA_NEW_EXTRADATA, extradata.size()));
  std::copy(extradata.begin(), extradata.end(), data);
}

}  // namespace opencut
