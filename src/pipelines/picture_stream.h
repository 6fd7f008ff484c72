// The output's pictures as the writer takes them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "media/packet.h"
#include "timeline/decode_order.h"
#include "timeline/rational.h"

namespace opencut {

// Where a picture packet came from, for the report and the progress.
struct PicturePacket {
  Packet packet;  // pts in ticks of the output's picture time base.
  int run = 0;
  bool copied = false;
};

// Packets in decoding order. Used by one thread.
class PictureStream {
 public:
  virtual ~PictureStream() = default;
  // The next packet, with its pts only; nothing at the end. Throws Error, Cancelled.
  virtual std::optional<PicturePacket> Next() = 0;
};

// Adds dts and durations to a stream of pictures.
class TimedPictures {
 public:
  // `end_ticks`: where the last picture stops being shown. `frame_ticks`: usual time between two.
  TimedPictures(PictureStream& pictures, int reorder_depth, std::int64_t frame_ticks,
                std::int64_t end_ticks);

  // The next packet with pts, dts and duration. Throws Error(kExec) when the packets are reordered
  // more deeply than was said.
  std::optional<PicturePacket> Next();

 private:
  void Fill();

  PictureStream& pictures_;
  const std::size_t lookahead_;
  const std::int64_t end_ticks_;
  DecodeClock clock_;
  std::deque<PicturePacket> held_;
  // pts of the packets given last: a B picture's successor is decoded before it.
  std::deque<std::int64_t> given_pts_;
  bool ended_ = false;
};

}  // namespace opencut
