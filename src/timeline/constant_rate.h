// Time stamps of a constant rate that a container's clock rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "timeline/rational.h"

namespace opencut {

// Times origin + k * interval, k whole, told by a clock to its nearest tick, or the one below.
class ConstantRate {
 public:
  // A rate at which the pictures with these `pts`, ticks of `time_base`, all lie within one tick of
  // their places, no two at one; some places may be empty. Nothing where none of `rates` (pictures
  // per second) is one, and where all lie at their places exactly. `pts`: in any order.
  static std::optional<ConstantRate> Find(std::span<const std::int64_t> pts,
                                          const Rational& time_base,
                                          std::span<const Rational> rates);

  // Ticks that tell its places exactly, but for where the first lies.
  const Rational& time_base() const { return time_base_; }
  // The place nearest to `pts`, in ticks of time_base().
  std::int64_t PlaceOf(std::int64_t pts) const;
  // A decoding time, which does not lie at the place of a picture: the last tick of time_base() not
  // behind it, so that such times stay in order.
  std::int64_t DecodingTicks(std::int64_t dts) const;
  // Whole intervals where `duration` is as many, as near as the clock tells; ticks of time_base().
  std::int64_t DurationOf(std::int64_t duration) const;

 private:
  ConstantRate(const Seconds& origin, const Rational& rate, const Rational& clock);
  std::int64_t IndexOf(std::int64_t pts) const;
  // How early and how late the pictures lie at most.
  struct Deviation {
    Seconds earliest;
    Seconds latest;
  };
  std::optional<Deviation> DeviationOf(std::span<const std::int64_t> pts) const;
  void Centre(const Deviation& deviation);

  Seconds origin_;
  Seconds interval_;
  Rational clock_;
  Rational time_base_;
  std::int64_t origin_ticks_ = 0;
  std::int64_t interval_ticks_ = 1;
};

}  // namespace opencut
