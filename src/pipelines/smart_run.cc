#include "pipelines/smart_run.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "bitstream/aac_frame_writer.h"

namespace opencut {
namespace {

// Time stamps that jump by less belong to one stream of frames.
constexpr std::int64_t kTolerance = kAacFrameSamples / 4;

std::int64_t NearestFrame(std::int64_t sample) {
  return ToTicks(Rational(sample, kAacFrameSamples), 1, Rounding::kNearest);
}

}  // namespace

SmartRun::SmartRun(SourceFile& source, const SoundSpan& span, int sample_rate,
                   std::int64_t pure_from, std::int64_t pure_until)
    : source_(source),
      sample_rate_(sample_rate),
      pure_from_(pure_from),
      pure_until_(pure_until) {
  const Rational sample(1, sample_rate_);
  // So that the packet before the first that is copied is among those read.
  const Seconds from =
      span.source_start +
      FromTicks(pure_from_ * kAacFrameSamples - span.start - 4 * kAacFrameSamples, sample);
  cursor_.from_pts = ToTicks(from, source_.sound()->time_base, Rounding::kDown);
  anchor_ = ToTicks(span.source_start, sample, Rounding::kNearest) - span.start;
  std::vector<Packet> first = source_.ReadSound(cursor_);
  if (first.empty()) return;
  const std::int64_t asked_for = SamplesOf(first.front().pts().value_or(0)) - anchor_;
  const std::int64_t shift = NearestFrame(asked_for) * kAacFrameSamples - asked_for;
  shift_ = FromTicks(shift, sample);
  anchor_ -= shift;
  for (Packet& packet : first) Place(std::move(packet));
}

std::int64_t SmartRun::SamplesOf(std::int64_t pts) const {
  return ToTicks(FromTicks(pts, source_.sound()->time_base), Rational(1, sample_rate_),
                 Rounding::kNearest);
}

// Holds a packet at its place, unless it has none or that is taken.
void SmartRun::Place(Packet packet) {
  const std::int64_t at = SamplesOf(packet.pts().value_or(0)) - anchor_;
  const std::int64_t frame = NearestFrame(at);
  if (std::abs(at - frame * kAacFrameSamples) > kTolerance) return;
  if (!held_.empty() && frame <= held_.back().frame) return;
  const std::optional<AacWindow> window = ReadAacWindow(packet.bytes());
  held_.push_back({frame, std::move(packet), window});
}

SmartRun::Held* SmartRun::At(std::int64_t frame) {
  while (!held_.empty() && held_.front().frame < frame - kHeld) held_.pop_front();
  while (!cursor_.at_end && (held_.empty() || held_.back().frame < frame)) {
    for (Packet& packet : source_.ReadSound(cursor_)) Place(std::move(packet));
  }
  for (Held& one : held_) {
    if (one.frame == frame) return &one;
  }
  return nullptr;
}

}  // namespace opencut
