// From the times a container gives a stream's packets to source ticks, which count from the
// source's time 0, and back.
#pragma once

#include <cstdint>
#include <optional>

#include "media/demuxer.h"
#include "media/packet.h"
#include "timeline/constant_rate.h"
#include "timeline/rational.h"

namespace opencut {

class StreamClock {
 public:
  // Source ticks are those of the container.
  StreamClock(const DemuxedStream& stream, std::int64_t start_time_us);

  // For pictures at a constant rate that the container's clock rounds: source ticks tell the rate.
  void Adopt(const ConstantRate& rate) { rate_ = rate; }
  // For sound whose packets all hold `packet_samples`: source ticks are samples, and a packet lies
  // a whole number of packets behind the stream's first, where that is what the clock rounds.
  void CountSamples(int sample_rate, int packet_samples);

  // Of source ticks.
  Rational time_base() const;
  std::int64_t FromContainer(std::int64_t container_ticks) const;
  // A time at or just behind it.
  std::int64_t ToContainer(std::int64_t source_ticks) const;
  // For pictures shown as they are decoded, `delay` container ticks later, whatever a packet's pts.
  void CountFromDecoding(std::int64_t delay) { delay_ = delay; }
  // A packet without a pts is shown in decoding order.
  Packet InSourceTicks(Packet packet) const;

 private:
  std::int64_t Decoding(std::int64_t container_ticks) const;
  std::int64_t Duration(std::int64_t container_ticks) const;

  Rational container_;
  std::int64_t start_ = 0;             // Container ticks of the source's time 0.
  std::optional<std::int64_t> first_;  // Of the stream's first packet, container ticks.
  std::optional<std::int64_t> delay_;  // Container ticks.
  std::optional<ConstantRate> rate_;
  int sample_rate_ = 0;
  std::int64_t packet_samples_ = 0;
};

}  // namespace opencut
