#include "pipelines/smart_run.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace opencut {
namespace {

// So that the frames before the first that is copied are known.
constexpr std::int64_t kFramesAhead = 5;

bool IsOn(const FrameGrid& grid, std::int64_t sample) {
  return std::abs(sample - grid.SampleOf(grid.Nearest(sample))) <= SmartRun::kTolerance;
}

}  // namespace

FrameGrid FrameGrid::Through(std::int64_t sample) {
  const std::int64_t last_before = sample % kAacFrameSamples;
  return {last_before > 0 ? last_before - kAacFrameSamples : last_before};
}

std::int64_t FrameGrid::AtOrBehind(std::int64_t sample) const {
  return ToTicks(Rational(sample - start, kAacFrameSamples), 1, Rounding::kUp);
}

std::int64_t FrameGrid::AtOrBefore(std::int64_t sample) const {
  return ToTicks(Rational(sample - start, kAacFrameSamples), 1, Rounding::kDown);
}

std::int64_t FrameGrid::Nearest(std::int64_t sample) const {
  return ToTicks(Rational(sample - start, kAacFrameSamples), 1, Rounding::kNearest);
}

SmartRun::SmartRun(SourceFile& source, const SoundSpan& span, int sample_rate)
    : source_(source), sample_rate_(sample_rate), length_samples_(span.end - span.start) {
  const Rational sample(1, sample_rate_);
  anchor_ = ToTicks(span.source_start, sample, Rounding::kNearest) - span.start;
  cursor_.from_pts = ToTicks(span.source_start - FromTicks(kFramesAhead * kAacFrameSamples, sample),
                             source_.sound()->time_base, Rounding::kDown);
  first_ = source_.ReadSound(cursor_);
  phase_ = UsualPhase();
}

// A recording may begin with a frame that lasts longer, and a run with frames from before a jump:
// what most of those read agree on counts.
std::optional<std::int64_t> SmartRun::UsualPhase() const {
  std::optional<std::int64_t> usual;
  std::ptrdiff_t most = 0;
  for (const Packet& candidate : first_) {
    const FrameGrid grid = FrameGrid::Through(OnOutput(candidate));
    const std::ptrdiff_t agree = std::count_if(
        first_.begin(), first_.end(), [&](const Packet& one) { return IsOn(grid, OnOutput(one)); });
    if (agree <= most) continue;
    most = agree;
    usual = OnOutput(candidate);
  }
  return usual;
}

std::int64_t SmartRun::OnOutput(const Packet& packet) const {
  const Seconds time = FromTicks(packet.pts().value_or(0), source_.sound()->time_base);
  return ToTicks(time, Rational(1, sample_rate_), Rounding::kNearest) - anchor_;
}

void SmartRun::PlaceOn(const FrameGrid& grid, std::int64_t pure_from, std::int64_t pure_until) {
  grid_ = grid;
  pure_from_ = pure_from;
  pure_until_ = pure_until;
  if (!phase_) return;
  const std::int64_t shift = grid_.SampleOf(grid_.Nearest(*phase_)) - *phase_;
  shift_ = FromTicks(shift, Rational(1, sample_rate_));
  anchor_ -= shift;
  for (Packet& packet : std::exchange(first_, {})) Place(std::move(packet));
}

// Holds a packet at its place, unless it has none or that is taken.
void SmartRun::Place(Packet packet) {
  const std::int64_t at = OnOutput(packet);
  if (!IsOn(grid_, at)) return;
  const std::int64_t frame = grid_.Nearest(at);
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
