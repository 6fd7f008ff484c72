#include "timeline/constant_rate.h"

#include <algorithm>
#include <unordered_set>

namespace opencut {
namespace {

// As fine as those of usual containers, and no finer than an output's may become.
constexpr std::int64_t kFineTicksPerSecond = 10'000;
constexpr std::int64_t kFinestTicksPerSecond = 240'000;

// Ticks that tell the rate's intervals, and where the clock puts the first picture, exactly if that
// can be.
Rational TimeBaseFor(const Rational& rate, const Rational& clock) {
  std::int64_t ticks = LeastCommonMultiple(rate.num(), clock.den(), kFinestTicksPerSecond);
  if (ticks > kFinestTicksPerSecond) ticks = rate.num();
  while (ticks < kFineTicksPerSecond) ticks *= 2;
  return Rational(1, ticks);
}

}  // namespace

ConstantRate::ConstantRate(const Seconds& origin, const Rational& rate, const Rational& clock)
    : origin_(origin),
      interval_(Rational(1) / rate),
      clock_(clock),
      time_base_(TimeBaseFor(rate, clock)),
      origin_ticks_(ToTicks(origin, time_base_, Rounding::kNearest)),
      interval_ticks_(ToTicks(interval_, time_base_, Rounding::kNearest)) {}

std::int64_t ConstantRate::IndexOf(std::int64_t pts) const {
  return ToTicks(FromTicks(pts, clock_) - origin_, interval_, Rounding::kNearest);
}

std::int64_t ConstantRate::PlaceOf(std::int64_t pts) const {
  return origin_ticks_ + IndexOf(pts) * interval_ticks_;
}

std::int64_t ConstantRate::DurationOf(std::int64_t duration) const {
  const Seconds asked = FromTicks(duration, clock_);
  const std::int64_t whole = ToTicks(asked, interval_, Rounding::kNearest);
  if (whole > 0 && Abs(asked - FromTicks(whole, interval_)) <= clock_) {
    return whole * interval_ticks_;
  }
  return ToTicks(asked, time_base_, Rounding::kNearest);
}

std::int64_t ConstantRate::DecodingTicks(std::int64_t dts) const {
  return ToTicks(FromTicks(dts, clock_), time_base_, Rounding::kDown);
}

// Nothing where they do not all lie at places of their own.
std::optional<ConstantRate::Deviation> ConstantRate::DeviationOf(
    std::span<const std::int64_t> pts) const {
  Deviation deviation;
  std::unordered_set<std::int64_t> taken;
  for (const std::int64_t one : pts) {
    const std::int64_t index = IndexOf(one);
    if (!taken.insert(index).second) return std::nullopt;
    const Seconds off = FromTicks(one, clock_) - origin_ - FromTicks(index, interval_);
    deviation.earliest = std::min(deviation.earliest, off);
    deviation.latest = std::max(deviation.latest, off);
    if (deviation.latest - deviation.earliest > clock_) return std::nullopt;
  }
  return deviation;
}

// The first picture's own time is what others are measured by, unless that cannot be.
void ConstantRate::Centre(const Deviation& deviation) {
  const Seconds most = std::max(deviation.latest, -deviation.earliest);
  if (most <= clock_ / Rational(2)) return;
  origin_ += (deviation.earliest + deviation.latest) / Rational(2);
  origin_ticks_ = ToTicks(origin_, time_base_, Rounding::kNearest);
}

std::optional<ConstantRate> ConstantRate::Find(std::span<const std::int64_t> pts,
                                               const Rational& time_base,
                                               std::span<const Rational> rates) {
  if (pts.size() < 2) return std::nullopt;
  const Seconds first = FromTicks(*std::min_element(pts.begin(), pts.end()), time_base);
  for (const Rational& rate : rates) {
    if (rate <= Rational(0)) continue;
    ConstantRate found(first, rate, time_base);
    const std::optional<Deviation> deviation = found.DeviationOf(pts);
    if (!deviation) continue;
    if (deviation->earliest == deviation->latest) return std::nullopt;
    found.Centre(*deviation);
    return found;
  }
  return std::nullopt;
}

}  // namespace opencut
