#include "timeline/rational.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace opencut {
namespace {

__extension__ using Wide = __int128;

Wide GreatestCommonDivisor(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Of INT64_MIN as well, which has no negative.
std::uint64_t Magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

std::int64_t Narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max() ||
      value < std::numeric_limits<std::int64_t>::min()) {
    throw std::overflow_error("a time does not fit 64 bits");
  }
  return static_cast<std::int64_t>(value);
}

Rational Reduced(Wide num, Wide den) {
  if (den < 0) {
    num = -num;
    den = -den;
  }
  const Wide divisor = GreatestCommonDivisor(num < 0 ? -num : num, den);
  if (divisor > 1) {
    num /= divisor;
    den /= divisor;
  }
  return Rational(Narrow(num), Narrow(den));
}

}  // namespace

Rational::Rational(std::int64_t num, std::int64_t den) : num_(num), den_(den) {
  if (den_ < 0 || std::gcd(Magnitude(num_), Magnitude(den_)) > 1) *this = Reduced(num, den);
}

Rational Rational::operator-() const { return Reduced(-static_cast<Wide>(num_), den_); }

Rational operator+(const Rational& a, const Rational& b) {
  if (a.den_ == b.den_) return Reduced(static_cast<Wide>(a.num_) + b.num_, a.den_);
  // Over the least common denominator: the product of two 9-digit ones would not fit the sums.
  const std::int64_t shared = std::gcd(a.den_, b.den_);
  const Wide scale_a = b.den_ / shared;
  const Wide scale_b = a.den_ / shared;
  return Reduced(a.num_ * scale_a + b.num_ * scale_b, a.den_ * scale_a);
}

Rational operator-(const Rational& a, const Rational& b) { return a + -b; }

Rational operator*(const Rational& a, const Rational& b) {
  return Reduced(static_cast<Wide>(a.num_) * b.num_, static_cast<Wide>(a.den_) * b.den_);
}

Rational operator/(const Rational& a, const Rational& b) {
  return Reduced(static_cast<Wide>(a.num_) * b.den_, static_cast<Wide>(a.den_) * b.num_);
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  const Wide left = static_cast<Wide>(a.num_) * b.den_;
  const Wide right = static_cast<Wide>(b.num_) * a.den_;
  if (left < right) return std::strong_ordering::less;
  return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

Rational Abs(const Rational& value) { return value < Rational(0) ? -value : value; }

std::int64_t ToTicks(const Seconds& seconds, const Rational& time_base, Rounding rounding) {
  const Rational exact = seconds / time_base;
  const Wide num = exact.num();
  const Wide den = exact.den();
  Wide floor = num / den;
  if (num < 0 && floor * den != num) --floor;
  if (floor * den == num || rounding == Rounding::kDown) return Narrow(floor);
  if (rounding == Rounding::kUp) return Narrow(floor + 1);
  const Wide twice_rest = 2 * (num - floor * den);
  const bool up = twice_rest > den || (twice_rest == den && num > 0);
  return Narrow(up ? floor + 1 : floor);
}

Seconds FromTicks(std::int64_t ticks, const Rational& time_base) {
  return Rational(ticks) * time_base;
}

Seconds SecondsFromDouble(double value) {
  constexpr double kLongest = 1e9;
  return Rational(std::llround(std::clamp(value, -kLongest, kLongest) * 1e9), 1'000'000'000);
}

std::int64_t LeastCommonMultiple(std::int64_t a, std::int64_t b, std::int64_t limit) {
  const Wide multiple = static_cast<Wide>(a / std::gcd(a, b)) * b;
  return multiple > limit ? limit + 1 : static_cast<std::int64_t>(multiple);
}

}  // namespace opencut
