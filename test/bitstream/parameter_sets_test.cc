#include "bitstream/parameter_sets.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

TEST(ParameterSets, AreTheSameInAnnexBAndInTheContainer) {
  const std::string avc = "-c:v libx264 -x264-params keyint=5";
  EXPECT_EQ(ParameterSetsFromAnnexB(NalCodec::kH264, ReadFile(MakeClip("sets.h264", avc))),
            Probe(MakeClip("sets.mp4", avc)).sets());
  const std::string hevc = kX265 + "keyint=5:repeat-headers=1";
  EXPECT_EQ(ParameterSetsFromAnnexB(NalCodec::kHevc, ReadFile(MakeClip("sets.hevc", hevc))),
            Probe(MakeClip("sets-hevc.mp4", kX265 + "keyint=5")).sets());
}

TEST(ParameterSets, AreMissingFromAStreamOfSlices) {
  EXPECT_THROW(ParameterSetsFromAnnexB(NalCodec::kH264, Bytes{0, 0, 1, 0x65, 0x88}), Error);
  EXPECT_THROW(ParameterSetsFromAnnexB(NalCodec::kHevc, {}), Error);
}

TEST(ParameterSets, ContainWhatWasAddedWhateverZerosFollow) {
  const ParameterSets from =
      Probe(MakeClip("sets.mp4", "-c:v libx264 -x264-params keyint=5")).sets();
  ParameterSets sets;
  Bytes padded = from.sps.at(0);
  padded.resize(padded.size() + 3);
  EXPECT_FALSE(Contains(sets, padded));
  EXPECT_TRUE(AddParameterSet(padded, sets));
  EXPECT_TRUE(AddParameterSet(from.sps.at(0), sets));
  EXPECT_EQ(sets.sps, from.sps);
  EXPECT_TRUE(Contains(sets, padded));
  EXPECT_FALSE(Contains(sets, from.pps.at(0)));
  EXPECT_FALSE(AddParameterSet(Bytes{0x65, 0x88}, sets));
  EXPECT_FALSE(AddParameterSet({}, sets));
}

TEST(ParameterSets, OfOtherLayersAreNotTaken) {
  ParameterSets sets{.codec = NalCodec::kHevc};
  const ParameterSets from = Probe(MakeClip("sets-hevc.mp4", kX265 + "keyint=5")).sets();
  Bytes other_layer = from.pps.at(0);
  other_layer[1] |= 8;
  EXPECT_FALSE(AddParameterSet(other_layer, sets));
  EXPECT_TRUE(AddParameterSet(from.pps.at(0), sets));
}

// With hrd=1 x265 writes active parameter sets into the extradata.
TEST(ParameterSets, DoNotNameIdsInSei) {
  const std::string path = MakeClip("active.hevc", kX265 + "hrd=1:vbv-maxrate=400:vbv-bufsize=400");
  EXPECT_NO_THROW(FindTraced(TraceHeaders(path), "Active Parameter Sets"));
  EXPECT_TRUE(ParameterSetsFromAnnexB(NalCodec::kHevc, ReadFile(path)).sei.empty());
}

TEST(Extradata, IsTakenInEachOfItsForms) {
  const std::string path = MakeClip("sets.mp4", "-c:v libx264 -x264-params keyint=5");
  const Extradata avcc = ParseExtradata(NalCodec::kH264, Probe(path).extradata);
  EXPECT_EQ(avcc.framing, NalFraming{.length_size = 4});
  const Bytes annexb = ToAnnexB(avcc.sets, {});
  ASSERT_EQ(annexb[2], 0);
  for (const std::size_t skipped : {0u, 1u}) {  // A start code of 4 bytes, and one of 3.
    const Extradata parsed = ParseExtradata(NalCodec::kH264, ByteView(annexb).subspan(skipped));
    EXPECT_EQ(parsed.sets, avcc.sets);
    EXPECT_EQ(parsed.framing, kAnnexB);
  }
  EXPECT_EQ(WriteExtradata(avcc.sets), Probe(path).extradata);
  EXPECT_THROW(ParseExtradata(NalCodec::kH264, {}), Error);
  EXPECT_THROW(ParseExtradata(NalCodec::kH264, Bytes{1, 100, 0, 31, 0xff, 0xe0, 0}), Error);
}

TEST(ParameterSetId, IsTheOneThatTheEncoderWasTold) {
  for (const int id : {0, 1, 30, 31}) {
    const ParameterSets sets =
        Probe(MakeClip("id-" + std::to_string(id) + ".mp4",
                       "-c:v libx264 -x264-params sps-id=" + std::to_string(id), "32x32", 1))
            .sets();
    EXPECT_EQ(ParameterSetId(NalCodec::kH264, sets.sps.at(0)), id);
    EXPECT_EQ(ParameterSetId(NalCodec::kH264, sets.pps.at(0)), id);
  }
  EXPECT_THROW(ParameterSetId(NalCodec::kH264, Bytes{0x67}), Error);
  EXPECT_THROW(ParameterSetId(NalCodec::kH264, Bytes{0x65, 0x88}), Error);
  EXPECT_THROW(ParameterSetId(NalCodec::kHevc, Bytes{0x42, 1, 1}), Error);
}

TEST(MergeParameterSets, JoinsAndRefusesClashes) {
  const auto clip = [](const std::string& name, const std::string& params) {
    return Probe(MakeClip(name, "-c:v libx264 -x264-params " + params, "32x32", 1)).sets();
  };
  const ParameterSets zero = clip("id-0.mp4", "sps-id=0");
  const ParameterSets one = clip("id-1.mp4", "sps-id=1");
  const ParameterSets other = clip("id-0-cavlc.mp4", "sps-id=0:cabac=0:ref=1");
  const std::vector<ParameterSets> different_ids = {zero, one, zero};
  const ParameterSets merged = MergeParameterSets(different_ids);
  EXPECT_EQ(merged.sps, (std::vector<Bytes>{zero.sps[0], one.sps[0]}));
  EXPECT_EQ(merged.pps, (std::vector<Bytes>{zero.pps[0], one.pps[0]}));
  const std::vector<ParameterSets> same_ids = {zero, other};
  EXPECT_THROW(MergeParameterSets(same_ids), Error);
}

}  // namespace
}  // namespace opencut
