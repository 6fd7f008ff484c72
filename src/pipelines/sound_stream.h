// The output's sound as the writer takes it.
#pragma once

#include <cstdint>
#include <optional>

#include "media/codec_parameters.h"
#include "media/packet.h"

namespace opencut {

// Packets in order, times in samples of the output's rate. Used by one thread.
class SoundStream {
 public:
  virtual ~SoundStream() = default;
  // The next packet; nothing at the end. Throws Error, Cancelled.
  virtual std::optional<Packet> Next() = 0;
  // Of those that Next() gave, how many are a source's own.
  virtual std::int64_t packets_copied() const = 0;
  // For the muxer.
  virtual const CodecParameters& parameters() const = 0;
};

}  // namespace opencut
