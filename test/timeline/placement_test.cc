#include "timeline/placement.h"

#include <gtest/gtest.h>

#include "test/timeline/plan_text.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

// 25 pictures a second, each 40 ticks of a millisecond; the tenth (360) is held until 2000.
StreamPattern Regular() {
  StreamPattern pattern;
  pattern.time_base = Rational(1, 1000);
  pattern.frame_ticks = 40;
  pattern.pictures = 60;
  pattern.gop_length = 20;
  return pattern;
}

Seconds Ms(std::int64_t milliseconds) { return Seconds(milliseconds, 1000); }

class PlaceRunTest : public testing::Test {
 protected:
  explicit PlaceRunTest(const StreamPattern& pattern = Regular()) : stream_(pattern) {}

  std::optional<Placement> Place(const Seconds& start, const Seconds& end,
                                 const Seconds& lead = Seconds(0)) const {
    RunRange range;
    range.start = start;
    range.end = end;
    return PlaceRun(range, lead, clock_, Ms(40));
  }

  const SyntheticStream stream_;
  const PlanSource source_ = stream_.Source();
  const PictureClock clock_{source_};
};

void ExpectPlaced(const std::optional<Placement>& placed, const Seconds& in, const Seconds& out,
                  std::int64_t first_pts, std::int64_t end_pts) {
  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->in_point, in);
  EXPECT_EQ(placed->out_point, out);
  EXPECT_EQ(placed->first_pts, first_pts);
  EXPECT_EQ(placed->end_pts, end_pts);
}

TEST_F(PlaceRunTest, TakesTheNearestBoundaries) {
  ExpectPlaced(Place(Ms(200), Ms(400)), Ms(200), Ms(400), 200, 400);
  ExpectPlaced(Place(Ms(219), Ms(419)), Ms(200), Ms(400), 200, 400);
  ExpectPlaced(Place(Ms(221), Ms(421)), Ms(240), Ms(440), 240, 440);
  ExpectPlaced(Place(Ms(219), Ms(421)), Ms(200), Ms(400), 200, 400);  // 202 ms are 5 pictures
}

TEST_F(PlaceRunTest, TakesTheLaterOfTwoBoundariesAsClose) {
  ExpectPlaced(Place(Ms(220), Ms(400)), Ms(240), Ms(440), 240, 440);
  ExpectPlaced(Place(Ms(200), Ms(420)), Ms(200), Ms(440), 200, 440);
}

TEST_F(PlaceRunTest, MovesTheInPointByTheLeadAndGivesItBackAtTheEnd) {
  // The pictures before reach 15 ms into this run's place.
  ExpectPlaced(Place(Ms(210), Ms(410), Ms(15)), Ms(240), Ms(440), 240,
               440);  // 185 ms are left, which is nearest to 5 pictures.
  ExpectPlaced(Place(Ms(200), Ms(297), Ms(-19)), Ms(200), Ms(320), 200, 320);  // 116 ms are left.
}

TEST_F(PlaceRunTest, TakesAtLeastOnePictureForAWholeFrame) {
  ExpectPlaced(Place(Ms(200), Ms(240), Ms(19)), Ms(200), Ms(240), 200, 240);
  // A slower camera before reaches 30 ms into its place.
  ExpectPlaced(Place(Ms(200), Ms(240), Ms(30)), Ms(240), Ms(280), 240, 280);
}

TEST_F(PlaceRunTest, TakesNoneWhereLessThanHalfAFrameIsLeft) {
  EXPECT_FALSE(Place(Ms(200), Ms(219)));
  EXPECT_TRUE(Place(Ms(200), Ms(220)));
  EXPECT_FALSE(Place(Ms(200), Ms(230), Ms(11)));
  EXPECT_TRUE(Place(Ms(200), Ms(210), Ms(-15)));
}

TEST_F(PlaceRunTest, TheEndOfTheSourceIsABoundaryForOutPointsOnly) {
  ExpectPlaced(Place(Ms(2360), Ms(2400)), Ms(2360), Ms(2400), 2360, 2400);
  ExpectPlaced(Place(Ms(2370), Ms(2400)), Ms(2360), Ms(2400), 2360, 2400);
  EXPECT_FALSE(Place(Ms(2385), Ms(2400))) << "nothing begins nearer than half a frame";
  // Asked for before the end, though the pictures before reach beyond it.
  ExpectPlaced(Place(Ms(2360), Ms(2400), Ms(41)), Ms(2360), Ms(2400), 2360, 2400);
}

class HeldPictureTest : public PlaceRunTest {
 protected:
  static StreamPattern Held() {
    StreamPattern pattern = Regular();
    pattern.held = {{9, 1600}};
    return pattern;
  }
  HeldPictureTest() : PlaceRunTest(Held()) {}
};

TEST_F(HeldPictureTest, IsCutWhereNoBoundaryIsNear) {
  ExpectPlaced(Place(Ms(1000), Ms(2200)), Ms(1000), Ms(2200), 360, 2200);
  ExpectPlaced(Place(Ms(200), Ms(1500)), Ms(200), Ms(1500), 200, 2000);
  ExpectPlaced(Place(Ms(700), Ms(900)), Ms(700), Ms(900), 360, 2000);  // both ends
}

TEST_F(HeldPictureTest, IsCutAtTheAskedForTimeWhateverTheLead) {
  ExpectPlaced(Place(Ms(1000), Ms(1500), Ms(12)), Ms(1012), Ms(1500), 360, 2000);
  ExpectPlaced(Place(Ms(210), Ms(1500), Ms(-9)), Ms(200), Ms(1499), 200,
               2000);  // the place on the output is exact.
}

TEST_F(HeldPictureTest, GivesWayToABoundaryWithinHalfAFrameAndAMillisecond) {
  ExpectPlaced(Place(Ms(381), Ms(2200)), Ms(360), Ms(2160), 360, 2160);
  ExpectPlaced(Place(Ms(382), Ms(2200)), Ms(382), Ms(2200), 360, 2200);
  ExpectPlaced(Place(Ms(1979), Ms(2200)), Ms(2000), Ms(2240), 2000, 2240);
}

TEST_F(HeldPictureTest, IsNeverShownForAnInstant) {
  EXPECT_FALSE(Place(Ms(1000), Ms(1005)));
  EXPECT_FALSE(Place(Ms(1000), Ms(1021)));
  ExpectPlaced(Place(Ms(1000), Ms(1022)), Ms(1000), Ms(1022), 360, 2000);
}

TEST_F(HeldPictureTest, IsNotShownWholeForAFrameThatFoundNoRoom) {
  ExpectPlaced(Place(Ms(360), Ms(400), Ms(25)), Ms(385), Ms(425), 360, 2000);
}

class LateFirstPictureTest : public PlaceRunTest {
 protected:
  static StreamPattern Late(std::int64_t first_pts) {
    StreamPattern pattern = Regular();
    pattern.first_pts = first_pts;
    return pattern;
  }
  LateFirstPictureTest() : PlaceRunTest(Late(500)) {}
};

TEST_F(LateFirstPictureTest, IsShownFromTheAskedForTimeOn) {
  ExpectPlaced(Place(Ms(0), Ms(700)), Ms(0), Ms(700), 500, 700);
  ExpectPlaced(Place(Ms(490), Ms(700)), Ms(500), Ms(700), 500, 700);  // within half a frame
}

TEST_F(LateFirstPictureTest, IsHeldForAsLongAsAskedForBeforeItsTime) {
  ExpectPlaced(Place(Ms(0), Ms(300)), Ms(0), Ms(300), 500, 501);
  ExpectPlaced(Place(Ms(0), Ms(500)), Ms(0), Ms(500), 500, 501);
  ExpectPlaced(Place(Ms(0), Ms(510)), Ms(0), Ms(510), 500, 540);
  ExpectPlaced(Place(Ms(0), Ms(525)), Ms(0), Ms(540), 500, 540);
}

}  // namespace
}  // namespace opencut
