#include "bitstream/idr_pic_ids.h"

#include <gtest/gtest.h>

#include "test/bitstream/clips.h"

namespace opencut {
namespace {

class IdrPicIdsOf : public ::testing::TestWithParam<ClipCase> {};

TEST_P(IdrPicIdsOf, NeighboursDifferAndDecodeAsBefore) {
  const std::string path =
      MakeClip("idr.mp4", "-c:v libx264 -g 10 " + GetParam().options, GetParam().size);
  const ParameterSets sets = Probe(path).sets();
  const H264Sets parsed = ParseH264Sets(sets);
  const std::vector<CodedPacket> packets = ReadPackets(path);
  IdrPicIds ids(parsed);
  EXPECT_FALSE(ids.Follow(packets[0].bytes, true));
  std::vector<Bytes> samples = {packets[0].bytes};
  for (int i = 0; i < 3; ++i) {
    samples.push_back(ids.Follow(packets[0].bytes, true).value_or(packets[0].bytes));
  }
  const auto id_of = [&](const Bytes& sample) {
    for (const ByteView nal : SplitNalUnits(sample, NalFraming())) {
      if (IsSlice(NalCodec::kH264, nal)) return ParseH264SliceHeader(nal, parsed).idr_pic_id;
    }
    return UINT32_MAX;
  };
  for (std::size_t i = 1; i < samples.size(); ++i)
    EXPECT_NE(id_of(samples[i]), id_of(samples[i - 1]));
  const std::string made = TemporaryPath("ids.h264");
  WriteFile(made, ToAnnexB(sets, samples));
  const std::string first = FrameHashes("-ignore_editlist 1 -i '" + path + "'").front();
  EXPECT_EQ(FrameHashes("-i '" + made + "'"), std::vector<std::string>(samples.size(), first));
}

INSTANTIATE_TEST_SUITE_P(X264, IdrPicIdsOf,
                         ::testing::Values(ClipCase{"cabac", ""}, ClipCase{"cavlc", "-coder 0"},
                                           ClipCase{"slices", "-slices 4"},
                                           ClipCase{"mbaff", "-flags +ildct+ilme"}),
                         CaseName);

TEST(IdrPicIds, StayWherePicturesLieBetween) {
  const std::string path = MakeClip("between.mp4", "-c:v libx264 -g 10");
  const std::vector<CodedPacket> packets = ReadPackets(path);
  IdrPicIds ids(ParseH264Sets(Probe(path).sets()));
  EXPECT_FALSE(ids.Follow(packets[0].bytes, true));
  EXPECT_FALSE(ids.Follow(packets[1].bytes, false));
  EXPECT_FALSE(ids.Follow(packets[0].bytes, true));
}

}  // namespace
}  // namespace opencut
