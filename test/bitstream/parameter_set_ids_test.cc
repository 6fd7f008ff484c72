#include "bitstream/parameter_set_ids.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "bitstream/h264_parameter_sets.h"
#include "bitstream/hevc_parameter_sets.h"
#include "bitstream/slice_remap.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

ParameterSets H264SetsOf(int number) {
  // Sizes that differ make sets that differ.
  const std::string size = std::to_string(32 + 16 * number) + "x32";
  return Probe(MakeClip("ids-" + size + ".mp4", "-c:v libx264", size, 1)).sets();
}

ParameterSets HevcSets(int number) {
  const std::string size = std::to_string(32 + 16 * number) + "x32";
  return Probe(MakeClip("ids-hevc-" + size + ".mp4", kX265 + "keyint=5", size, 1)).sets();
}

TEST(IdAllocation, LetsTheFirstFamilyKeepItsIds) {
  IdAllocation ids(NalCodec::kH264);
  const ParameterSets family = H264SetsOf(0);
  const std::optional<IdMapping> mapping = ids.Add(family);
  ASSERT_TRUE(mapping);
  EXPECT_TRUE(mapping->IsIdentity());
  EXPECT_EQ(RemapParameterSets(family, *mapping), family);
}

TEST(IdAllocation, GivesEqualFamiliesTheSameIds) {
  IdAllocation ids(NalCodec::kH264);
  EXPECT_TRUE(ids.Add(H264SetsOf(0)).value().IsIdentity());
  EXPECT_TRUE(ids.Add(H264SetsOf(0)).value().IsIdentity());
  const IdMapping second = ids.Add(H264SetsOf(1)).value();
  EXPECT_FALSE(second.IsIdentity());
  const IdMapping again = ids.Add(H264SetsOf(1)).value();
  EXPECT_EQ(again.sps, second.sps);
  EXPECT_EQ(again.pps, second.pps);
}

// 0 can become 15 to 30 only, so that 17 families with the id 0 find a place and the 18th does not.
TEST(IdAllocation, SaysWhenNoIdIsLeft) {
  IdAllocation ids(NalCodec::kH264);
  std::set<int> pps_ids;
  std::set<int> sps_ids;
  const ParameterSets family = H264SetsOf(0);
  for (int i = 0; i < 17; ++i) {
    ParameterSets other = family;
    other.sps.at(0).push_back(static_cast<std::uint8_t>(i + 1));  // A set that differs.
    other.pps.at(0).push_back(static_cast<std::uint8_t>(i + 1));
    const std::optional<IdMapping> mapping = ids.Add(other);
    ASSERT_TRUE(mapping) << i;
    pps_ids.insert(mapping->pps.at(0));
    sps_ids.insert(mapping->sps.at(0));
    EXPECT_TRUE(CanRemapPpsId(0, mapping->pps.at(0)));
  }
  EXPECT_EQ(pps_ids.size(), 17u);
  EXPECT_EQ(sps_ids.size(), 17u);
  ParameterSets last = family;
  last.sps.at(0).push_back(0x55);
  last.pps.at(0).push_back(0x55);
  EXPECT_FALSE(ids.Add(last));
  // Nothing was taken: 15 SPS ids are as free as before.
  int reserved = 0;
  while (ids.ReserveEncoderIds()) ++reserved;
  EXPECT_EQ(reserved, 14);  // 1 to 14 are free on both sides, 31 is free as PPS but taken as SPS.
}

TEST(IdAllocation, ReservesIdsForEncoders) {
  IdAllocation ids(NalCodec::kH264);
  ASSERT_TRUE(ids.Add(H264SetsOf(0)));
  ASSERT_TRUE(ids.Add(H264SetsOf(1)));
  const IdMapping encoder = ids.ReserveEncoderIds().value();
  EXPECT_EQ(encoder.sps, (std::map<int, int>{{1, 1}}));
  EXPECT_EQ(encoder.pps, (std::map<int, int>{{1, 1}}));
  EXPECT_EQ(ids.ReserveEncoderIds()->sps.at(2), 2);
  // A source that has the id of an encoder gives way.
  const ParameterSets one =
      Probe(MakeClip("ids-one.mp4", "-c:v libx264 -x264-params sps-id=1", "64x64", 1)).sets();
  const IdMapping mapping = ids.Add(one).value();
  EXPECT_NE(mapping.sps.at(1), 1);
  EXPECT_TRUE(mapping.pps.at(1) >= 31 && mapping.pps.at(1) <= 62);
}

TEST(IdAllocation, ReservesIdsForAnHevcEncoderThatCountsFromZero) {
  IdAllocation ids(NalCodec::kHevc);
  const ParameterSets source = Probe(MakeClip("ids-hevc.mp4", "-c:v libx265", "64x64", 1)).sets();
  const IdMapping first = ids.Add(source).value();
  EXPECT_TRUE(first.IsIdentity());
  const IdMapping encoder = ids.ReserveEncoderIds().value();
  EXPECT_NE(encoder.vps.at(0), 0);
  EXPECT_NE(encoder.sps.at(0), 0);
  EXPECT_TRUE(encoder.pps.at(0) >= 15 && encoder.pps.at(0) <= 30);
  // Whose sets may be the source's own.
  EXPECT_NO_THROW(RemapParameterSets(source, encoder));
  int reserved = 1;
  while (ids.ReserveEncoderIds()) ++reserved;
  EXPECT_EQ(reserved, 15);  // As many as there are SPS ids, less the source's.
}

TEST(IdAllocation, RefusesAFamilyThatContradictsItself) {
  IdAllocation ids(NalCodec::kH264);
  ParameterSets family = H264SetsOf(0);
  family.sps.push_back(H264SetsOf(1).sps.at(0));
  EXPECT_THROW(ids.Add(family), Error);
}

TEST(RemapParameterSets, ThereAndBackGivesTheSameBytes) {
  for (const ParameterSets& family : {H264SetsOf(2), HevcSets(2)}) {
    for (int id = 15; id <= 30; ++id) {
      const int set_id = id - 15;
      const IdMapping there{.vps = {{0, set_id}}, .sps = {{0, set_id}}, .pps = {{0, id}}};
      const IdMapping back{.vps = {{set_id, 0}}, .sps = {{set_id, 0}}, .pps = {{id, 0}}};
      EXPECT_EQ(RemapParameterSets(RemapParameterSets(family, there), back), family);
    }
  }
}

TEST(RemapParameterSets, RefusesASetThatNamesAnUnknownOne) {
  ParameterSets family = H264SetsOf(0);
  family.sps.clear();
  IdAllocation ids(NalCodec::kH264);
  EXPECT_THROW(ids.Add(family), Error);
}

}  // namespace
}  // namespace opencut
