#include "timeline/constant_rate.h"

#include <gtest/gtest.h>

#include <vector>

namespace opencut {
namespace {

const Rational kMilliseconds(1, 1000);

// Where a clock puts `count` pictures of a rate.
std::vector<std::int64_t> Told(const Rational& rate, int count, const Rational& clock,
                               Rounding rounding, const Seconds& origin = 0) {
  std::vector<std::int64_t> pts;
  for (int i = 0; i < count; ++i) {
    pts.push_back(ToTicks(origin + Rational(i) / rate, clock, rounding));
  }
  return pts;
}

class Rates : public ::testing::TestWithParam<Rational> {};

TEST_P(Rates, AreFoundBehindMillisecondsWhicheverWayTheyWereRounded) {
  const Rational rate = GetParam();
  const Rational rates[] = {rate};
  for (const Rounding rounding : {Rounding::kNearest, Rounding::kDown}) {
    const std::vector<std::int64_t> pts = Told(rate, 2000, kMilliseconds, rounding);
    const std::optional<ConstantRate> found = ConstantRate::Find(pts, kMilliseconds, rates);
    ASSERT_TRUE(found);
    const std::int64_t interval =
        ToTicks(Rational(1) / rate, found->time_base(), Rounding::kNearest);
    EXPECT_EQ(FromTicks(interval, found->time_base()), Rational(1) / rate);
    const std::int64_t first = found->PlaceOf(pts[0]);
    for (std::size_t i = 0; i < pts.size(); ++i) {
      ASSERT_EQ(found->PlaceOf(pts[i]), first + static_cast<std::int64_t>(i) * interval) << i;
    }
    EXPECT_EQ(found->DurationOf(pts[1] - pts[0]), interval);
    EXPECT_LE(Abs(FromTicks(first, found->time_base())), kMilliseconds);
  }
}

INSTANTIATE_TEST_SUITE_P(Usual, Rates,
                         ::testing::Values(Rational(24000, 1001), Rational(24), Rational(30),
                                           Rational(30000, 1001), Rational(60),
                                           Rational(60000, 1001), Rational(15)));

TEST(ConstantRate, LeavesPlacesOutWhereAPictureIsMissing) {
  std::vector<std::int64_t> pts = Told(Rational(30), 100, kMilliseconds, Rounding::kNearest);
  pts.erase(pts.begin() + 40, pts.begin() + 43);
  const Rational rates[] = {Rational(30)};
  const std::optional<ConstantRate> found = ConstantRate::Find(pts, kMilliseconds, rates);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->PlaceOf(pts[40]) - found->PlaceOf(pts[39]),
            ToTicks(Seconds(4, 30), found->time_base(), Rounding::kNearest));
}

TEST(ConstantRate, KeepsALateFirstPictureWhereItIs) {
  const Seconds late(21, 1000);
  const std::vector<std::int64_t> pts =
      Told(Rational(30), 50, kMilliseconds, Rounding::kNearest, late);
  const Rational rates[] = {Rational(30)};
  const std::optional<ConstantRate> found = ConstantRate::Find(pts, kMilliseconds, rates);
  ASSERT_TRUE(found);
  EXPECT_LE(Abs(FromTicks(found->PlaceOf(pts[0]), found->time_base()) - late), found->time_base());
}

TEST(ConstantRate, IsNotFoundInAVariableOneOrWhereTheClockIsExact) {
  const Rational rates[] = {Rational(30), Rational(25)};
  const std::vector<std::int64_t> variable = {0, 33, 70, 100, 131};
  EXPECT_FALSE(ConstantRate::Find(variable, kMilliseconds, rates));
  const std::vector<std::int64_t> twice = {0, 33, 33, 67};
  EXPECT_FALSE(ConstantRate::Find(twice, kMilliseconds, rates));
  const std::vector<std::int64_t> exact = Told(25, 50, kMilliseconds, Rounding::kNearest);
  EXPECT_FALSE(ConstantRate::Find(exact, kMilliseconds, rates));
  EXPECT_FALSE(ConstantRate::Find(std::vector<std::int64_t>{0}, kMilliseconds, rates));
}

TEST(ConstantRate, DriftOfAWrongRateIsSeen) {
  const std::vector<std::int64_t> pts =
      Told(Rational(30000, 1001), 2000, kMilliseconds, Rounding::kNearest);
  const Rational rates[] = {Rational(30)};
  EXPECT_FALSE(ConstantRate::Find(pts, kMilliseconds, rates));
}

}  // namespace
}  // namespace opencut
