#include "timeline/picture_clock.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "test/timeline/plan_text.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

// 1000 ticks a second, a picture every 40; the first at 12; the fourth (132) held until 400.
StreamPattern Held() {
  StreamPattern pattern;
  pattern.time_base = Rational(1, 1000);
  pattern.frame_ticks = 40;
  pattern.first_pts = 12;
  pattern.pictures = 25;
  pattern.gop_length = 12;
  pattern.b_frames = 2;
  pattern.held = {{3, 228}};
  return pattern;
}

Seconds Ms(std::int64_t milliseconds) { return Seconds(milliseconds, 1000); }

class PictureClockTest : public testing::Test {
 protected:
  const SyntheticStream stream_{Held()};
  const PlanSource source_ = stream_.Source();
  const PictureClock clock_{source_};
};

TEST_F(PictureClockTest, APictureIsOnScreenFromItsPtsToTheNextOnes) {
  EXPECT_EQ(clock_.OnScreen(Ms(52)).pts, 52);
  EXPECT_EQ(clock_.OnScreen(Seconds(91'999, 1'000'000)).pts, 52);
  EXPECT_EQ(clock_.OnScreen(Ms(92)).pts, 92);
  EXPECT_EQ(clock_.OnScreen(Ms(399)).pts, 132) << "held";
  EXPECT_EQ(clock_.OnScreen(Ms(400)).pts, 400);
}

TEST_F(PictureClockTest, BeforeTheFirstPictureTheFirstIsOnScreen) {
  EXPECT_EQ(clock_.OnScreen(Ms(0)).pts, 12);
  EXPECT_EQ(clock_.OnScreen(Ms(-5000)).pts, 12);
  EXPECT_EQ(clock_.AtOrAfter(Ms(-5000)).pts, 12);
  EXPECT_EQ(clock_.Nearest(Ms(-5000)).pts, 12);
}

TEST_F(PictureClockTest, TheLastBoundaryIsTheEndOfTheLastPicture) {
  ASSERT_EQ(stream_.shown_pts().back(), 1200);
  EXPECT_EQ(clock_.End(), Ms(1240));
  EXPECT_EQ(clock_.OnScreen(Ms(9000)).pts, 1200);
  EXPECT_TRUE(clock_.AtOrAfter(Ms(1201)).is_end);
  EXPECT_EQ(clock_.AtOrAfter(Ms(9000)).time, Ms(1240));
  EXPECT_TRUE(clock_.Nearest(Ms(1230)).is_end);
  EXPECT_EQ(clock_.Nearest(Ms(1230)).pts, 1240);
}

TEST_F(PictureClockTest, TheNearestOfTwoBoundariesAsCloseIsTheLater) {
  EXPECT_EQ(clock_.Nearest(Seconds(71'999, 1'000'000)).pts, 52);
  EXPECT_EQ(clock_.Nearest(Ms(72)).pts, 92);
  EXPECT_EQ(clock_.Nearest(Ms(92)).pts, 92);
  EXPECT_EQ(clock_.Nearest(Ms(265)).pts, 132);
  EXPECT_EQ(clock_.Nearest(Ms(266)).pts, 400);
  EXPECT_EQ(clock_.Nearest(Ms(1220)).pts, 1240);
}

TEST_F(PictureClockTest, RoundsNoTimeToATickTheWrongWay) {
  EXPECT_EQ(clock_.AtOrAfter(Seconds(52'001, 1'000'000)).pts, 92);
  EXPECT_EQ(clock_.AtOrAfter(Ms(52)).pts, 52);
  EXPECT_EQ(clock_.OnScreen(Seconds(51'999, 1'000'000)).pts, 12);
}

TEST_F(PictureClockTest, APictureGivesWayToTheNextOrToTheEnd) {
  EXPECT_EQ(clock_.After(clock_.OnScreen(Ms(200))).pts, 400);
  EXPECT_TRUE(clock_.After(clock_.OnScreen(Ms(1200))).is_end);
}

TEST_F(PictureClockTest, RanksPicturesByTheirOrderOfDisplay) {
  EXPECT_EQ(clock_.Rank(12), 0);
  EXPECT_EQ(clock_.Rank(13), 1);
  EXPECT_EQ(clock_.Rank(400), 4);
  EXPECT_EQ(clock_.Rank(1240), 25);
}

TEST(PictureClock, TakesTheFrameIntervalForAMissingLastDuration) {
  const SyntheticStream stream(Held());
  GopWindow window = stream.Whole();
  for (IndexedPacket& packet : window.packets) packet.duration = 0;
  PlanSource source = stream.Source();
  source.index = GopIndex();
  source.index.Add(window);
  source.frame_interval = Seconds(50, 1001);
  EXPECT_EQ(PictureClock(source).End(), Ms(1250));
}

TEST(PictureClock, NeverShowsWhatAnEditListHides) {
  StreamPattern pattern = Held();
  pattern.hidden = {0, 1, 24};
  const SyntheticStream stream(pattern);
  const PlanSource source = stream.Source();
  const PictureClock clock(source);
  EXPECT_EQ(clock.OnScreen(Ms(20)).pts, 92);
  EXPECT_EQ(clock.End(), Ms(1200));
  EXPECT_EQ(clock.Rank(132), 1);
}

TEST(PictureClock, RanksTheSameInAWindowAsInTheWholeStream) {
  StreamPattern pattern = Held();
  pattern.hidden = {0, 1};
  const SyntheticStream stream(pattern);
  PlanSource part = stream.Source();
  GopIndex index;
  index.Add(stream.Window(12, 25, Knowing::kDecoding));
  index.SetHiddenOrdinals(part.index.hidden_ordinals());
  part.index = index;
  const PlanSource whole = stream.Source();
  for (int i = 12; i < 24; ++i) {
    const std::int64_t pts = stream.shown_pts()[static_cast<std::size_t>(i - 2)];
    EXPECT_EQ(PictureClock(part).Rank(pts), PictureClock(whole).Rank(pts));
    EXPECT_EQ(PictureClock(part).Rank(pts), i - 2);
  }
}

TEST(PictureClock, RefusesToGuessBeyondItsIndex) {
  const SyntheticStream stream(Held());
  PlanSource source = stream.Source();
  GopIndex index;
  // From the IDR picture at 720, up to the P-frame at 840; its B-frames are not read.
  index.Add(stream.Window(12, 14, Knowing::kDecoding));
  source.index = index;
  const PictureClock clock(source);
  EXPECT_EQ(clock.OnScreen(Ms(720)).pts, 720);
  EXPECT_THROW(clock.OnScreen(Ms(719)), std::logic_error);
  EXPECT_THROW(clock.AtOrAfter(Ms(721)), std::logic_error);
  EXPECT_THROW(clock.AtOrAfter(Ms(2000)), std::logic_error);
  EXPECT_EQ(clock.End(), std::nullopt);
}

TEST(PictureClock, RefusesToGuessWhatIsOnScreenBeforeItsIndexBegins) {
  const SyntheticStream stream(Held());
  PlanSource source = stream.Source();
  GopWindow window = stream.Window(12, 24, Knowing::kExact);
  window.known_from = 700;  // True as well: no picture begins between.
  GopIndex index;
  index.Add(window);
  source.index = index;
  EXPECT_THROW(PictureClock(source).OnScreen(Ms(710)), std::logic_error);
}

}  // namespace
}  // namespace opencut
