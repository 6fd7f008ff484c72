#include "bitstream/h264_references.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace opencut {
namespace {

using Missing = H264References::Missing;

H264Sps Sps(int max_frames, int frame_num_bits = 4) {
  H264Sps sps;
  sps.max_num_ref_frames = max_frames;
  sps.frame_num_bits = frame_num_bits;
  sps.pic_order_cnt_bits = 4;
  return sps;
}

H264SliceHeader Slice(H264SliceType type, int count0, int count1 = 0) {
  H264SliceHeader header;
  header.type = type;
  header.ref_count = {count0, count1};
  return header;
}

RefList Ids(std::initializer_list<int> ids) {
  RefList list;
  for (const int id : ids) list.push_back(id < 0 ? std::nullopt : std::optional<std::int64_t>(id));
  return list;
}

std::vector<std::int64_t> Held(const H264References& references) {
  std::vector<std::int64_t> ids;
  for (const H264Frame& frame : references.frames()) ids.push_back(frame.id);
  return ids;
}

TEST(H264References, OrderAPSliceByFrameNumAcrossItsWrap) {
  H264References references(Sps(4));
  for (const H264Frame& frame : {H264Frame{0, 13, 0}, H264Frame{1, 14, 2}, H264Frame{2, 15, 4}}) {
    references.Mark(frame, {}, Missing::kRefuse);
  }
  references.Mark({3, 0, 6}, {}, Missing::kRefuse);
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kP, 4), {4, 1, 8}, 0, {}), Ids({3, 2, 1, 0}));
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kP, 2), {4, 1, 8}, 0, {}), Ids({3, 2}));
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kP, 5), {4, 1, 8}, 0, {}),
            Ids({3, 2, 1, 0, -1}));
}

TEST(H264References, OrderABSliceByWhatIsShownBeforeAndBehindIt) {
  H264References references(Sps(4));
  references.Mark({0, 0, 0}, {}, Missing::kRefuse);
  references.Mark({1, 1, 8}, {}, Missing::kRefuse);
  references.Mark({2, 2, 4}, {}, Missing::kRefuse);
  const H264Frame current{3, 3, 6};
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kB, 3, 3), current, 0, {}), Ids({2, 0, 1}));
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kB, 3, 3), current, 1, {}), Ids({1, 2, 0}));
}

TEST(H264References, SwapTheSecondListWhereItWouldBeTheFirstEvenIfOneEntryIsUsed) {
  H264References references(Sps(4));
  references.Mark({0, 0, 0}, {}, Missing::kRefuse);
  references.Mark({1, 1, 2}, {}, Missing::kRefuse);
  const H264Frame current{2, 2, 4};
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kB, 1, 1), current, 0, {}), Ids({1}));
  EXPECT_EQ(references.ListOf(Slice(H264SliceType::kB, 1, 1), current, 1, {}), Ids({0}));
}

TEST(H264References, FollowModificationsWithWrapAndRepeats) {
  H264References references(Sps(4));
  for (int i = 0; i < 4; ++i) {
    references.Mark({i, static_cast<std::uint32_t>((14 + i) % 16), 2 * i}, {}, Missing::kRefuse);
  }
  const H264Frame current{4, 2, 8};  // PicNums: -2, -1, 0, 1.
  const H264SliceHeader header = Slice(H264SliceType::kP, 4);
  EXPECT_EQ(references.ListOf(header, current, 0, {{0, 3}}), Ids({0, 3, 2, 1}));
  // 2 - 2 = 0, then 0 - 2 = -2, then 16 back: the same again.
  EXPECT_EQ(references.ListOf(header, current, 0, {{0, 1}, {0, 1}, {0, 15}}), Ids({2, 0, 0, 3}));
  EXPECT_EQ(references.ListOf(header, current, 0, {{0, 3}, {1, 2}}), Ids({0, 3, 2, 1}));
  EXPECT_THROW(references.ListOf(header, current, 0, {{2, 0}}), Error);
}

TEST(H264References, FindModificationsForAnyListOfWhatTheyHold) {
  H264References references(Sps(4));
  for (int i = 0; i < 4; ++i) {
    references.Mark({i, static_cast<std::uint32_t>((14 + i) % 16), 2 * i}, {}, Missing::kRefuse);
  }
  const H264Frame current{4, 2, 8};
  const H264SliceHeader header = Slice(H264SliceType::kP, 4);
  const auto by_hand = references.ModificationFor(header, current, 0, Ids({3, 2, 1, 0}));
  ASSERT_TRUE(by_hand);
  EXPECT_TRUE(by_hand->empty());
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      for (int c = 0; c < 4; ++c) {
        const RefList wanted = Ids({a, b, c, a});
        const auto found = references.ModificationFor(header, current, 0, wanted);
        ASSERT_TRUE(found);
        EXPECT_LE(found->size(), 4u);
        EXPECT_EQ(references.ListOf(header, current, 0, *found), wanted);
      }
    }
  }
  EXPECT_FALSE(references.ModificationFor(header, current, 0, Ids({3, 9, 1, 0})));
}

TEST(H264References, SlideTheOldestOutAndMarkByDifference) {
  H264References references(Sps(2));
  references.Mark({0, 14, 0}, {}, Missing::kRefuse);
  references.Mark({1, 15, 2}, {}, Missing::kRefuse);
  references.Mark({2, 0, 4}, {}, Missing::kRefuse);
  EXPECT_EQ(Held(references), (std::vector<std::int64_t>{1, 2}));
  // The frame 1 before frame_num 1: frame_num 0.
  EXPECT_TRUE(references.Mark({3, 1, 6}, {{1, 0}}, Missing::kRefuse));
  EXPECT_EQ(Held(references), (std::vector<std::int64_t>{1, 3}));
  EXPECT_FALSE(references.Mark({4, 2, 8}, {{1, 6}}, Missing::kRefuse));
  EXPECT_EQ(Held(references), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(references.OperationsToRemove({1}, {4, 2, 8}), (std::vector<MarkingOperation>{{1, 2}}));
  EXPECT_THROW(references.Mark({4, 2, 8}, {{4, 0}}, Missing::kRefuse), Error);
}

TEST(H264References, HoldOneFrameWhereTheStreamAllowsNoMore) {
  H264References references(Sps(0));
  references.Mark({0, 0, 0}, {}, Missing::kRefuse);
  references.Mark({1, 1, 2}, {}, Missing::kRefuse);
  EXPECT_EQ(Held(references), (std::vector<std::int64_t>{1}));
}

H264SliceHeader WithLsb(std::uint32_t lsb, bool is_idr = false, int ref_idc = 1) {
  H264SliceHeader header;
  header.pic_order_cnt_lsb = lsb;
  header.is_idr = is_idr;
  header.ref_idc = ref_idc;
  return header;
}

TEST(H264PicOrder, GoesOnAcrossTheWrapOfItsLowBits) {
  const H264Sps sps = Sps(4);
  H264PicOrder order(sps);
  EXPECT_EQ(order.Next(WithLsb(0, true)), 0);
  EXPECT_EQ(order.Next(WithLsb(7)), 7);
  EXPECT_EQ(order.Next(WithLsb(5, false, 0)), 5);
  EXPECT_EQ(order.Next(WithLsb(14)), 14);
  EXPECT_EQ(order.Next(WithLsb(2)), 18);
  EXPECT_EQ(order.Next(WithLsb(15, false, 0)), 15);
  EXPECT_EQ(order.Next(WithLsb(0, true)), 0);
}

TEST(H264PicOrder, BeginsInTheMiddleOfAStreamWithWhatItSees) {
  const H264Sps sps = Sps(4);
  H264PicOrder order(sps);
  EXPECT_EQ(order.Next(WithLsb(14)), 14);
  EXPECT_EQ(order.Next(WithLsb(2)), 18);
}

TEST(H264PicOrder, CountsTheLowerOfTheTwoFields) {
  const H264Sps sps = Sps(4);
  H264PicOrder order(sps);
  H264SliceHeader header = WithLsb(4, true);
  header.delta_pic_order_cnt_bottom = -1;
  EXPECT_EQ(order.Next(header), 3);
}

TEST(H264PicOrder, FollowsFrameNumInTypesOneAndTwo) {
  H264Sps sps = Sps(4);
  sps.pic_order_cnt_type = 2;
  H264PicOrder second(sps);
  H264SliceHeader header = WithLsb(0, true);
  EXPECT_EQ(second.Next(header), 0);
  header.is_idr = false;
  header.frame_num = 15;
  EXPECT_EQ(second.Next(header), 30);
  header.frame_num = 0;
  header.ref_idc = 0;
  EXPECT_EQ(second.Next(header), 31);

  sps.pic_order_cnt_type = 1;
  sps.offsets_for_ref_frame = {2, 6};
  sps.offset_for_non_ref_pic = -3;
  H264PicOrder first(sps);
  header = WithLsb(0, true);
  EXPECT_EQ(first.Next(header), 0);
  header.is_idr = false;
  header.frame_num = 1;
  EXPECT_EQ(first.Next(header), 2);
  header.frame_num = 2;
  EXPECT_EQ(first.Next(header), 8);
  header.frame_num = 3;
  header.ref_idc = 0;
  EXPECT_EQ(first.Next(header), 5);
}

}  // namespace
}  // namespace opencut
