#include "timeline/edit.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "test/timeline/plan_text.h"

namespace opencut {
namespace {

Segment Of(int source, double start, double end, bool heard = true) {
  return {source, SecondsFromDouble(start), SecondsFromDouble(end), heard};
}

TEST(JoinRuns, JoinsSegmentsThatContinueInOneSource) {
  const auto runs = JoinRuns({Of(0, 1, 2), Of(0, 2, 3.5), Of(1, 3.5, 4), Of(1, 4, 5)});
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].first_segment, 0);
  EXPECT_EQ(runs[0].last_segment, 1);
  EXPECT_EQ(runs[0].start, Seconds(1));
  EXPECT_EQ(runs[0].end, Seconds(7, 2));
  EXPECT_EQ(runs[1].first_segment, 2);
  EXPECT_EQ(runs[1].last_segment, 3);
  EXPECT_EQ(runs[1].source, 1);
  EXPECT_EQ(runs[1].end, Seconds(5));
}

TEST(JoinRuns, ToleratesOneMillisecondEitherWay) {
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 2.001, 3)}).size(), 1U);
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 1.999, 3)}).size(), 1U);
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 2.001000001, 3)}).size(), 2U);
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 1.998999999, 3)}).size(), 2U);
}

TEST(JoinRuns, KeepsSegmentsOfOtherSourcesOrSoundApart) {
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(1, 2, 3)}).size(), 2U);
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 2, 3, false)}).size(), 2U);
  EXPECT_EQ(JoinRuns({Of(0, 1, 2, false), Of(0, 2, 3, false)}).size(), 1U);
}

TEST(JoinRuns, KeepsJumpsApart) {
  EXPECT_EQ(JoinRuns({Of(0, 2, 3), Of(0, 1, 2)}).size(), 2U) << "backwards";
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 1, 2)}).size(), 2U) << "twice the same";
  EXPECT_EQ(JoinRuns({Of(0, 1, 2), Of(0, 5, 6)}).size(), 2U);
}

TEST(JoinRuns, NeverMakesARunThatEndsBeforeItStarts) {
  for (const RunRange& run : JoinRuns({Of(0, 1, 1.0005), Of(0, 0.9996, 0.9999)})) {
    EXPECT_GT(run.end, run.start);
  }
}

TEST(JoinRuns, RefusesAnEmptySegment) {
  for (const double end : {1.0, 0.5}) {
    try {
      JoinRuns({Of(0, 0, 1), Of(2, 1, end)});
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kOutOfRange);
      EXPECT_EQ(error.context().segment, 1);
      EXPECT_EQ(error.context().source, 2);
    }
  }
}

TEST(FrameRateFromDouble, KnowsTheNtscRates) {
  EXPECT_EQ(FrameRateFromDouble(29.97), Rational(30'000, 1001));
  EXPECT_EQ(FrameRateFromDouble(30'000.0 / 1001), Rational(30'000, 1001));
  EXPECT_EQ(FrameRateFromDouble(23.976), Rational(24'000, 1001));
  EXPECT_EQ(FrameRateFromDouble(59.94), Rational(60'000, 1001));
  EXPECT_EQ(FrameRateFromDouble(59.9400599), Rational(60'000, 1001));
  EXPECT_EQ(FrameRateFromDouble(119.88), Rational(120'000, 1001));
}

TEST(FrameRateFromDouble, TakesOtherRatesAsTheyStand) {
  EXPECT_EQ(FrameRateFromDouble(30), Rational(30));
  EXPECT_EQ(FrameRateFromDouble(24.9999999), Rational(25));
  EXPECT_EQ(FrameRateFromDouble(12.5), Rational(25, 2));
  EXPECT_EQ(FrameRateFromDouble(29.5), Rational(59, 2));
}

TEST(FrameRateFromDouble, IsNeverZeroNorBeyondItsRange) {
  EXPECT_EQ(FrameRateFromDouble(1e-9), Rational(1, 1000));
  EXPECT_EQ(FrameRateFromDouble(1e300), Rational(1'000'000));
}

}  // namespace
}  // namespace opencut
