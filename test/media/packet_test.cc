#include "media/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace opencut {
namespace {

using ::testing::ElementsAre;

const std::vector<std::uint8_t> kBytes = {1, 2, 3};

TEST(Packet, OfNothingHasNoTimesAndNoBytes) {
  const Packet packet;
  EXPECT_EQ(packet.pts(), std::nullopt);
  EXPECT_EQ(packet.dts(), std::nullopt);
  EXPECT_EQ(packet.duration(), 0);
  EXPECT_TRUE(packet.bytes().empty());
  EXPECT_FALSE(packet.keyframe());
  EXPECT_FALSE(packet.discarded());
}

TEST(Packet, KeepsTimesAndFlags) {
  Packet packet = Packet::Copy(kBytes);
  packet.SetPts(3);
  packet.SetDts(-2);
  packet.SetDuration(5);
  packet.SetKeyframe(true);
  packet.SetDiscarded(true);
  const Packet moved = std::move(packet);
  EXPECT_EQ(moved.pts(), 3);
  EXPECT_EQ(moved.dts(), -2);
  EXPECT_EQ(moved.duration(), 5);
  EXPECT_TRUE(moved.keyframe());
  EXPECT_TRUE(moved.discarded());
  EXPECT_THAT(moved.bytes(), ElementsAre(1, 2, 3));
}

TEST(Packet, ClearsAFlagWithoutTouchingTheOthers) {
  Packet packet;
  packet.SetKeyframe(true);
  packet.SetDiscarded(true);
  packet.SetKeyframe(false);
  EXPECT_FALSE(packet.keyframe());
  EXPECT_TRUE(packet.discarded());
  packet.SetPts(7);
  packet.SetPts(std::nullopt);
  EXPECT_EQ(packet.pts(), std::nullopt);
}

TEST(Packet, AClonesBytesAreSharedUntilOneIsWrittenTo) {
  Packet packet = Packet::Copy(kBytes);
  packet.SetPts(9);
  Packet clone = packet.Clone();
  EXPECT_EQ(clone.bytes().data(), packet.bytes().data());
  clone.mutable_bytes()[0] = 42;
  EXPECT_EQ(clone.pts(), 9);
  EXPECT_THAT(clone.bytes(), ElementsAre(42, 2, 3));
  EXPECT_THAT(packet.bytes(), ElementsAre(1, 2, 3));
}

TEST(Packet, ReplacesItsBytesOnly) {
  Packet packet = Packet::Copy(kBytes);
  packet.SetPts(9);
  packet.SetKeyframe(true);
  const Packet before = packet.Clone();
  packet.ReplaceBytes({7, 8});
  EXPECT_THAT(packet.bytes(), ElementsAre(7, 8));
  EXPECT_EQ(packet.pts(), 9);
  EXPECT_TRUE(packet.keyframe());
  EXPECT_THAT(before.bytes(), ElementsAre(1, 2, 3));
  packet.ReplaceBytes({});
  EXPECT_TRUE(packet.bytes().empty());
}

// libav's parsers read this far beyond the end.
TEST(Packet, PadsTheBytesItIsGiven) {
  Packet packet;
  packet.ReplaceBytes({7, 8});
  for (int i = 0; i < AV_INPUT_BUFFER_PADDING_SIZE; ++i) EXPECT_EQ(packet.get()->data[2 + i], 0);
}

TEST(Packet, CanBeFilledInPlace) {
  Packet packet = Packet::WithSize(4);
  for (std::uint8_t& byte : packet.mutable_bytes()) byte = 6;
  EXPECT_THAT(packet.bytes(), ElementsAre(6, 6, 6, 6));
}

TEST(Packet, TellsAndDropsNewExtradata) {
  Packet packet = Packet::Copy(kBytes);
  EXPECT_TRUE(packet.new_extradata().empty());
  std::uint8_t* to = av_packet_new_side_data(packet.get(), AV_PKT_DATA_NEW_EXTRADATA, 2);
  to[0] = 5;
  to[1] = 6;
  EXPECT_THAT(packet.new_extradata(), ElementsAre(5, 6));
  packet.DropSideData();
  EXPECT_TRUE(packet.new_extradata().empty());
  EXPECT_THAT(packet.bytes(), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace opencut
