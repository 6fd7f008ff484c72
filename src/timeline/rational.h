// Exact rational numbers: times in seconds, time bases, frame rates.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace opencut {

// Always reduced, with den > 0. Arithmetic is exact; a result that does not fit 64 bits throws
// std::overflow_error.
class Rational {
 public:
  constexpr Rational() = default;
  constexpr Rational(std::int64_t whole) : num_(whole) {}  // NOLINT: a whole number is a rational.
  // REQUIRES: den != 0.
  Rational(std::int64_t num, std::int64_t den);

  std::int64_t num() const { return num_; }
  std::int64_t den() const { return den_; }
  double ToDouble() const { return static_cast<double>(num_) / static_cast<double>(den_); }

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  // REQUIRES: b != 0.
  friend Rational operator/(const Rational& a, const Rational& b);
  Rational& operator+=(const Rational& b) { return *this = *this + b; }
  Rational& operator-=(const Rational& b) { return *this = *this - b; }
  Rational operator-() const;

  friend bool operator==(const Rational& a, const Rational& b) = default;
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

 private:
  std::int64_t num_ = 0;
  std::int64_t den_ = 1;
};

// A point or a span on some clock, in exact seconds.
using Seconds = Rational;

Rational Abs(const Rational& value);

enum class Rounding { kDown, kUp, kNearest };  // kNearest: halves away from zero.

// `seconds` counted in units of `time_base` seconds.
std::int64_t ToTicks(const Seconds& seconds, const Rational& time_base, Rounding rounding);
Seconds FromTicks(std::int64_t ticks, const Rational& time_base);

// The nearest whole nanosecond: what a double in a config means. Held to within 1e9 s (31 years),
// beyond the end of any source. REQUIRES: finite.
Seconds SecondsFromDouble(double value);

// Least common multiple of positive numbers, or `limit` + 1 where it would exceed `limit`.
std::int64_t LeastCommonMultiple(std::int64_t a, std::int64_t b, std::int64_t limit);

}  // namespace opencut
