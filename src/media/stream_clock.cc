#include "media/stream_clock.h"

#include <utility>

namespace opencut {

StreamClock::StreamClock(const DemuxedStream& stream, std::int64_t start_time_us)
    : container_(stream.time_base),
      start_(ToTicks(Seconds(start_time_us, 1'000'000), stream.time_base, Rounding::kNearest)),
      first_(stream.start_pts) {}

void StreamClock::CountSamples(int sample_rate, int packet_samples) {
  if (sample_rate <= 0 || container_ <= Rational(1, sample_rate)) return;
  sample_rate_ = sample_rate;
  packet_samples_ = packet_samples;
}

Rational StreamClock::time_base() const {
  if (rate_) return rate_->time_base();
  return sample_rate_ > 0 ? Rational(1, sample_rate_) : container_;
}

std::int64_t StreamClock::FromContainer(std::int64_t container_ticks) const {
  const std::int64_t ticks = container_ticks - start_;
  if (rate_) return rate_->PlaceOf(ticks);
  if (sample_rate_ == 0) return ticks;
  const Rational sample(1, sample_rate_);
  if (first_ && packet_samples_ > 0) {
    const Rational packet = sample * Rational(packet_samples_);
    const Seconds behind_first = FromTicks(container_ticks - *first_, container_);
    const std::int64_t index = ToTicks(behind_first, packet, Rounding::kNearest);
    if (Abs(behind_first - FromTicks(index, packet)) <= container_) {
      return ToTicks(FromTicks(*first_ - start_, container_), sample, Rounding::kNearest) +
             index * packet_samples_;
    }
  }
  return ToTicks(FromTicks(ticks, container_), sample, Rounding::kNearest);
}

std::int64_t StreamClock::ToContainer(std::int64_t source_ticks) const {
  if (!rate_ && sample_rate_ == 0) return source_ticks + start_;
  return ToTicks(FromTicks(source_ticks, time_base()), container_, Rounding::kUp) + start_;
}

std::int64_t StreamClock::Decoding(std::int64_t container_ticks) const {
  if (!rate_) return FromContainer(container_ticks);
  return rate_->DecodingTicks(container_ticks - start_);
}

std::int64_t StreamClock::Duration(std::int64_t container_ticks) const {
  if (rate_) return rate_->DurationOf(container_ticks);
  if (sample_rate_ == 0) return container_ticks;
  return ToTicks(FromTicks(container_ticks, container_), Rational(1, sample_rate_),
                 Rounding::kNearest);
}

Packet StreamClock::InSourceTicks(Packet packet) const {
  std::optional<std::int64_t> pts = packet.pts();
  if ((!pts || delay_) && packet.dts()) pts = *packet.dts() + delay_.value_or(0);
  if (pts) packet.SetPts(FromContainer(*pts));
  if (packet.dts()) packet.SetDts(Decoding(*packet.dts()));
  packet.SetDuration(Duration(packet.duration()));
  return packet;
}

}  // namespace opencut
