#include "timeline/rational.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "test/timeline/plan_text.h"
#include "test/timeline/random.h"

namespace opencut {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST(Rational, IsReducedWithAPositiveDenominator) {
  EXPECT_EQ(Rational(6, -4).num(), -3);
  EXPECT_EQ(Rational(6, -4).den(), 2);
  EXPECT_EQ(Rational(-6, -4), Rational(3, 2));
  EXPECT_EQ(Rational(0, -7).den(), 1);
  EXPECT_EQ(Rational(kMin, 2).num(), kMin / 2);
  EXPECT_EQ(Rational(kMin, kMin), Rational(1));
}

TEST(Rational, AddsOverTheLeastCommonDenominator) {
  EXPECT_EQ(Rational(1, 3) + Rational(1, 6), Rational(1, 2));
  EXPECT_EQ(Rational(1, 3) - Rational(1, 2), Rational(-1, 6));
  // The product of the denominators does not fit 64 bits, their least common multiple does.
  EXPECT_EQ(Rational(1, 9'000'000'000) + Rational(1, 3'000'000'000), Rational(4, 9'000'000'000));
}

TEST(Rational, MultipliesAndDividesThroughReduction) {
  EXPECT_EQ(Rational(kMax, 3) * Rational(3, kMax), Rational(1));
  EXPECT_EQ(Rational(-1001, 30000) / Rational(1001, 30000), Rational(-1));
  EXPECT_EQ(Rational(1) / Rational(-30000, 1001), Rational(-1001, 30000));
}

TEST(Rational, ThrowsWhereAResultDoesNotFit) {
  EXPECT_THROW(Rational(kMax) + Rational(1), std::overflow_error);
  EXPECT_THROW(Rational(kMin) - Rational(1), std::overflow_error);
  EXPECT_THROW(-Rational(kMin), std::overflow_error);
  EXPECT_THROW(Rational(kMin, -1), std::overflow_error);
  EXPECT_THROW(Rational(kMax) * Rational(2), std::overflow_error);
  EXPECT_THROW(Rational(1, kMax) / Rational(2), std::overflow_error);
  EXPECT_THROW(ToTicks(Rational(kMax), Rational(1, 2), Rounding::kDown), std::overflow_error);
}

TEST(Rational, ComparesWithoutRounding) {
  EXPECT_LT(Rational(kMax - 1, kMax), Rational(kMax - 2, kMax - 1) + Rational(1, kMax - 1));
  EXPECT_LT(Rational(-1, 2), Rational(-1, 3));
  EXPECT_GT(Rational(kMax, 2), Rational(kMax - 2, 2));
  EXPECT_EQ(Rational(2, 4), Rational(1, 2));
  EXPECT_EQ(Abs(Rational(-3, 7)), Rational(3, 7));
}

TEST(ToTicks, RoundsDownUpAndToTheNearest) {
  const Rational base(1, 30);
  EXPECT_EQ(ToTicks(Rational(1, 20), base, Rounding::kDown), 1);
  EXPECT_EQ(ToTicks(Rational(1, 20), base, Rounding::kUp), 2);
  EXPECT_EQ(ToTicks(Rational(1, 20), base, Rounding::kNearest), 2);
  EXPECT_EQ(ToTicks(Rational(49, 1000), base, Rounding::kNearest), 1);
  EXPECT_EQ(ToTicks(Rational(51, 1000), base, Rounding::kNearest), 2);
}

TEST(ToTicks, RoundsNegativeTimesInTheSameDirections) {
  const Rational base(1, 30);
  EXPECT_EQ(ToTicks(Rational(-1, 20), base, Rounding::kDown), -2);
  EXPECT_EQ(ToTicks(Rational(-1, 20), base, Rounding::kUp), -1);
  EXPECT_EQ(ToTicks(Rational(-1, 20), base, Rounding::kNearest), -2) << "halves away from zero";
  EXPECT_EQ(ToTicks(Rational(-49, 1000), base, Rounding::kNearest), -1);
  EXPECT_EQ(ToTicks(Rational(-51, 1000), base, Rounding::kNearest), -2);
}

TEST(ToTicks, LeavesWholeTicksAsTheyAre) {
  for (const Rounding rounding : {Rounding::kDown, Rounding::kUp, Rounding::kNearest}) {
    for (const std::int64_t ticks : {std::int64_t{-90'001}, std::int64_t{0}, kMax / 90'000}) {
      EXPECT_EQ(ToTicks(FromTicks(ticks, Rational(1001, 30'000)), Rational(1001, 30'000), rounding),
                ticks);
    }
  }
}

TEST(SecondsFromDouble, TakesTheNearestNanosecond) {
  EXPECT_EQ(SecondsFromDouble(0.1), Rational(1, 10));
  EXPECT_EQ(SecondsFromDouble(-12.3456789), Rational(-123456789, 10'000'000));
  EXPECT_EQ(SecondsFromDouble(1.0 / 3), Rational(333'333'333, 1'000'000'000));
  EXPECT_EQ(SecondsFromDouble(4e-10), Rational(0));
  EXPECT_EQ(SecondsFromDouble(1e21), Rational(1'000'000'000));
  EXPECT_EQ(SecondsFromDouble(-1e300), Rational(-1'000'000'000));
}

TEST(LeastCommonMultiple, StopsAtItsLimit) {
  EXPECT_EQ(LeastCommonMultiple(30'000, 25, 240'000), 30'000);
  EXPECT_EQ(LeastCommonMultiple(24'000, 60'000, 240'000), 120'000);
  EXPECT_EQ(LeastCommonMultiple(30'000, 19'001, 240'000), 240'001);
  EXPECT_EQ(LeastCommonMultiple(kMax, kMax - 1, 240'000), 240'001);
}

// Reference: doubles, on numbers so small that they are exact there.
TEST(Rational, AgreesWithExactDoubles) {
  Random random(20'260'101);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t a = random.Between(-2000, 2000);
    const std::int64_t b = random.Between(-2000, 2000);
    const Rational left(a, 1024);
    const Rational right(b, 256);
    const double x = static_cast<double>(a) / 1024;
    const double y = static_cast<double>(b) / 256;
    ASSERT_EQ((left + right).ToDouble(), x + y);
    ASSERT_EQ((left - right).ToDouble(), x - y);
    ASSERT_EQ((left * right).ToDouble(), x * y);
    ASSERT_EQ(left < right, x < y);
    ASSERT_EQ(static_cast<double>(ToTicks(left, Rational(1, 3), Rounding::kDown)),
              std::floor(x * 3));
    ASSERT_EQ(static_cast<double>(ToTicks(left, Rational(1, 3), Rounding::kUp)), std::ceil(x * 3));
    ASSERT_EQ(static_cast<double>(ToTicks(left, Rational(1, 2), Rounding::kNearest)),
              std::round(x * 2));
  }
}

}  // namespace
}  // namespace opencut
