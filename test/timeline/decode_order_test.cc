#include "timeline/decode_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "test/timeline/random.h"
#include "test/timeline/synthetic_source.h"

namespace opencut {
namespace {

std::vector<std::int64_t> DtsOf(const SyntheticStream& stream, int reorder_depth) {
  DecodeClock clock(reorder_depth, stream.pattern().frame_ticks);
  std::vector<std::int64_t> all;
  for (const IndexedPacket& packet : stream.packets()) {
    const std::optional<std::int64_t> dts = clock.Next(packet.pts);
    if (!dts) break;
    all.push_back(*dts);
  }
  return all;
}

// Reference: the dts by which the stream was made, which come from its sorted pts.
TEST(DecodeClock, GivesEveryPacketThePtsOfThePictureThatIsShownWhenItIsDecoded) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    StreamPattern pattern;
    pattern.pictures = static_cast<int>(random.Between(1, 100));
    pattern.gop_length = static_cast<int>(random.Between(1, 40));
    pattern.b_frames = static_cast<int>(random.Between(0, 7));
    pattern.pyramid = random.Percent(50);
    pattern.idr_every = static_cast<int>(random.Between(1, 3));
    pattern.held = {{3, 5000}, {40, 1}};
    const SyntheticStream stream(pattern);
    std::vector<std::int64_t> expected;
    for (const IndexedPacket& packet : stream.packets()) expected.push_back(packet.dts);
    EXPECT_EQ(DtsOf(stream, stream.reorder_depth()), expected);
    if (stream.reorder_depth() > 0) {
      EXPECT_LT(DtsOf(stream, stream.reorder_depth() - 1).size(), expected.size())
          << "one less is too little";
    }
  }
}

TEST(DecodeClock, NeedsNoExactDepth) {
  StreamPattern pattern;
  pattern.pyramid = true;
  const SyntheticStream stream(pattern);
  for (int more = 0; more < 5; ++more) {
    const std::vector<std::int64_t> dts = DtsOf(stream, stream.reorder_depth() + more);
    ASSERT_EQ(dts.size(), stream.packets().size());
    for (std::size_t i = 0; i < dts.size(); ++i) {
      EXPECT_LE(dts[i], stream.packets()[i].pts);
      if (i > 0) {
        EXPECT_EQ(dts[i] - dts[i - 1], pattern.frame_ticks);
      }
    }
  }
}

TEST(DecodeClock, RefusesAPtsThatCameBefore) {
  DecodeClock clock(0, 10);
  EXPECT_EQ(clock.Next(0), 0);
  EXPECT_EQ(clock.Next(10), 10);
  EXPECT_EQ(clock.Next(10), std::nullopt);
}

}  // namespace
}  // namespace opencut
