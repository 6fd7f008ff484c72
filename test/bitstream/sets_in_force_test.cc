#include "bitstream/sets_in_force.h"

#include <gtest/gtest.h>

#include "test/bitstream/clips.h"

namespace opencut {
namespace {

constexpr std::uint8_t kSps = 7;
constexpr std::uint8_t kPps = 8;

// Of a header that holds an SPS and a PPS under id 0.
SetsInForce OfHeader() {
  return SetsInForce(Probe(MakeClip("in-force.mp4", "-c:v libx264")).sets());
}

AccessUnit Picture(std::vector<InBandSet> sets, int pps_id = 0) {
  AccessUnit unit;
  unit.kind = PictureKind::kOther;
  unit.in_band_sets = std::move(sets);
  unit.pps_id = pps_id;
  return unit;
}

TEST(SetsInForce, CountFromTheSampleThatBringsThemToTheOneThatBringsTheHeadersBack) {
  SetsInForce sets = OfHeader();
  EXPECT_TRUE(sets.Follow(Picture({})).of_header);
  const PictureSets changed = sets.Follow(Picture({{kPps, 0, SetRelation::kReplaces}}));
  EXPECT_FALSE(changed.of_header);
  EXPECT_TRUE(changed.self_contained);
  const PictureSets behind = sets.Follow(Picture({}));
  EXPECT_FALSE(behind.of_header);
  EXPECT_FALSE(behind.self_contained);
  // An SPS is back that never went.
  EXPECT_FALSE(sets.Follow(Picture({{kSps, 0, SetRelation::kSame}})).of_header);
  EXPECT_TRUE(sets.Follow(Picture({{kPps, 0, SetRelation::kSame}})).of_header);
  EXPECT_TRUE(sets.Follow(Picture({})).of_header);
}

TEST(SetsInForce, ThatAreAddedCountForThePicturesThatUseThem) {
  SetsInForce sets = OfHeader();
  const std::vector<InBandSet> added = {{kPps, 3, SetRelation::kAdds}};
  EXPECT_TRUE(sets.Follow(Picture(added)).of_header);
  const PictureSets with = sets.Follow(Picture(added, 3));
  EXPECT_FALSE(with.of_header);
  EXPECT_TRUE(with.self_contained);
  const PictureSets without = sets.Follow(Picture({}, 3));
  EXPECT_FALSE(without.of_header);
  EXPECT_FALSE(without.self_contained);
  EXPECT_TRUE(sets.Follow(Picture({})).of_header);
}

TEST(SetsInForce, AreNotEnoughToBeginWithWhereOneCameEarlier) {
  SetsInForce sets = OfHeader();
  const InBandSet sps{kSps, 0, SetRelation::kReplaces};
  const InBandSet pps{kPps, 0, SetRelation::kReplaces};
  EXPECT_TRUE(sets.Follow(Picture({sps, pps})).self_contained);
  EXPECT_FALSE(sets.Follow(Picture({pps})).self_contained);
}

}  // namespace
}  // namespace opencut
