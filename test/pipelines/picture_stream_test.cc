#include "pipelines/picture_stream.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/error.h"

namespace opencut {
namespace {

class Listed : public PictureStream {
 public:
  explicit Listed(std::vector<std::int64_t> pts) : pts_(std::move(pts)) {}
  std::optional<PicturePacket> Next() override {
    if (next_ == pts_.size()) return std::nullopt;
    Packet packet = Packet::WithSize(1);
    packet.SetPts(pts_[next_++]);
    return PicturePacket{std::move(packet), 0, true};
  }

 private:
  const std::vector<std::int64_t> pts_;
  std::size_t next_ = 0;
};

struct Times {
  std::int64_t pts, dts, duration;
  friend bool operator==(const Times&, const Times&) = default;
};

std::vector<Times> Timed(std::vector<std::int64_t> pts, int reorder_depth, std::int64_t end) {
  Listed listed(std::move(pts));
  TimedPictures timed(listed, reorder_depth, 10, end);
  std::vector<Times> times;
  while (const std::optional<PicturePacket> picture = timed.Next()) {
    const Packet& packet = picture->packet;
    times.push_back({packet.pts().value(), packet.dts().value(), packet.duration()});
  }
  return times;
}

TEST(TimedPictures, GivesEachPacketThePtsOfTheDisplayOrderAsDts) {
  // I P B B in decoding order, twice, then pictures without reordering.
  const std::vector<Times> expected = {{0, -10, 10}, {30, 0, 10},  {10, 10, 10}, {20, 20, 10},
                                       {40, 30, 10}, {70, 40, 10}, {50, 50, 10}, {60, 60, 10},
                                       {80, 70, 10}, {90, 80, 15}};
  EXPECT_EQ(Timed({0, 30, 10, 20, 40, 70, 50, 60, 80, 90}, 1, 105), expected);
}

TEST(TimedPictures, HoldsTheLastShownPictureToTheEndThoughItIsNotTheLastDecoded) {
  const std::vector<Times> times = Timed({0, 40, 20, 10, 30}, 2, 47);
  ASSERT_EQ(times.size(), 5U);
  EXPECT_EQ(times[1], (Times{40, -10, 7}));
  EXPECT_EQ(times[4], (Times{30, 20, 10}));
}

TEST(TimedPictures, RefusesPicturesThatAreReorderedMoreDeeplyThanWasSaid) {
  EXPECT_THROW(Timed({0, 40, 20, 10, 30}, 1, 50), Error);
}

TEST(TimedPictures, RefusesTheSamePtsTwice) { EXPECT_THROW(Timed({0, 10, 10}, 0, 30), Error); }

}  // namespace
}  // namespace opencut
