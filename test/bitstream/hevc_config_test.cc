#include "bitstream/hevc_config.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "bitstream/parameter_set_ids.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

class HevcConfigOfClip : public ::testing::TestWithParam<ClipCase> {};

// The MP4 muxer of ffmpeg makes hvcC out of x265's Annex B extradata, under the tag hvc1 with
// complete arrays.
TEST_P(HevcConfigOfClip, IsTheOneThatFfmpegMakes) {
  const ClipCase& clip = GetParam();
  const std::string options = kX265 + clip.options + " -tag:v hvc1";
  const Bytes record = Probe(MakeClip(clip.name + ".mp4", options, clip.size)).extradata;
  const HevcConfig parsed = ParseHevcConfig(record);
  EXPECT_TRUE(parsed.sets_are_complete);
  EXPECT_EQ(parsed.length_size, 4);
  EXPECT_EQ(WriteHevcConfig(parsed), record);
  EXPECT_EQ(WriteHevcConfig(MakeHevcConfig(parsed.sets)), record);

  const Bytes annexb = ReadFile(MakeClip(clip.name + ".hevc", kX265 + clip.options, clip.size));
  EXPECT_EQ(WriteExtradata(ParameterSetsFromAnnexB(NalCodec::kHevc, annexb)), record);
}

INSTANTIATE_TEST_SUITE_P(
    X265, HevcConfigOfClip,
    ::testing::Values(ClipCase{"hvcc-main", "bframes=3 -pix_fmt yuv420p"},
                      ClipCase{"hvcc-main10", "bframes=3 -pix_fmt yuv420p10le"},
                      ClipCase{"hvcc-422", "bframes=3 -pix_fmt yuv422p10le"},
                      ClipCase{"hvcc-444", "bframes=3 -pix_fmt yuv444p"},
                      ClipCase{"hvcc-high-tier", "high-tier=1:level-idc=5.1 -pix_fmt yuv420p"},
                      ClipCase{"hvcc-layers", "temporal-layers=1 -pix_fmt yuv420p"}),
    CaseName);

TEST(HevcConfig, SaysWhenSetsMayBeInBand) {
  const Bytes record = Probe(MakeClip("hev1.mp4", kX265 + "keyint=5 -tag:v hev1")).extradata;
  const HevcConfig parsed = ParseHevcConfig(record);
  EXPECT_FALSE(parsed.sets_are_complete);
  EXPECT_EQ(WriteHevcConfig(parsed), record);
}

TEST(HevcConfig, OfRealFilesKeepsItsSets) {
  int checked = 0;
  for (const std::string name :
       {"hevc-dolby-vision-p81-pq-5994.mp4", "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4",
        "hevc-hlg-phone-1080p-audio-first.mp4", "hevc-iphone-720p-vfr-rot90-rasl.mov",
        "hevc-open-gop-rasl-720p-aac.mp4"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    SCOPED_TRACE(name);
    ++checked;
    const HevcConfig parsed = ParseHevcConfig(Probe(*path).extradata);
    const HevcConfig made = MakeHevcConfig(parsed.sets);
    EXPECT_EQ(made.profile, parsed.profile);
    EXPECT_EQ(made.chroma_format_idc, parsed.chroma_format_idc);
    EXPECT_EQ(made.bit_depth_luma, parsed.bit_depth_luma);
    const HevcConfig again = ParseHevcConfig(WriteHevcConfig(parsed));
    EXPECT_EQ(again.sets, parsed.sets);
    EXPECT_EQ(again.profile, parsed.profile);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

// The mastering display message of x265 lies in extradata; its options text is not taken along.
TEST(HevcConfig, KeepsSeiButNotTheOptionsOfTheEncoder) {
  const std::string options =
      "-c:v libx265 -preset veryfast -pix_fmt yuv420p10le -x265-params "
      "log-level=error:hdr10=1:max-cll=1000\\\\,400:master-display="
      "G\\(13250\\\\,34500\\)B\\(7500\\\\,3000\\)R\\(34000\\\\,16000\\)WP\\(15635\\\\,16450\\)L"
      "\\(10000000\\\\,1\\)";
  const Bytes annexb = ReadFile(MakeClip("hdr.hevc", options));
  const ParameterSets sets = ParameterSetsFromAnnexB(NalCodec::kHevc, annexb);
  EXPECT_GE(sets.sei.size(), 1u);
  for (const Bytes& nal : sets.sei) {
    EXPECT_FALSE(IsFiltered(NalCodec::kHevc, {.encoder_options = true}, nal));
  }
  EXPECT_EQ(ParseHevcConfig(WriteExtradata(sets)).sets, sets);
  const std::vector<ParameterSets> twice = {sets, sets};
  EXPECT_EQ(MergeParameterSets(twice), sets);
}

TEST(HevcConfig, MergedHasTheWidestProfileAndAllSets) {
  const ParameterSets low = Probe(MakeClip("hvcc-low.mp4", kX265 + "level-idc=3.1")).sets();
  const ParameterSets high =
      Probe(MakeClip("hvcc-high.mp4", kX265 + "level-idc=5.1:high-tier=1:ref=2")).sets();
  IdAllocation ids(NalCodec::kHevc);
  const std::vector<HevcConfig> both = {
      MakeHevcConfig(RemapParameterSets(low, ids.Add(low).value())),
      MakeHevcConfig(RemapParameterSets(high, ids.Add(high).value()))};
  const HevcConfig merged = MergeHevcConfigs(both);
  EXPECT_EQ(merged.profile.level_idc, 153);
  EXPECT_TRUE(merged.profile.high_tier);
  EXPECT_EQ(merged.profile.idc, 1);
  EXPECT_EQ(merged.sets.sps.size(), 2u);
  EXPECT_EQ(merged.sets.pps.size(), 2u);
  EXPECT_TRUE(merged.sets_are_complete);
}

// A still picture says that it conforms to Main and Main 10 as well.
TEST(HevcConfig, MergedHasTheProfileThatAllConformTo) {
  const HevcConfig video = MakeHevcConfig(Probe(MakeClip("hvcc-low.mp4", kX265)).sets());
  const HevcConfig still = MakeHevcConfig(
      Probe(
          MakeClip("still.mp4", kX265 + "total-frames=1 -profile:v mainstillpicture", "160x96", 1))
          .sets());
  ASSERT_EQ(video.profile.idc, 1);
  ASSERT_EQ(still.profile.idc, 3);
  IdAllocation ids(NalCodec::kHevc);
  const std::vector<HevcConfig> both = {
      MakeHevcConfig(RemapParameterSets(still.sets, ids.Add(still.sets).value())),
      MakeHevcConfig(RemapParameterSets(video.sets, ids.Add(video.sets).value()))};
  const HevcConfig merged = MergeHevcConfigs(both);
  EXPECT_EQ(merged.profile.idc, 1);
  EXPECT_EQ(merged.profile.compatibility_flags, video.profile.compatibility_flags);
}

TEST(HevcConfig, RefusesWhatCannotShareARecord) {
  const HevcConfig eight =
      MakeHevcConfig(Probe(MakeClip("hvcc-low.mp4", kX265 + "level-idc=3.1")).sets());
  const HevcConfig ten = MakeHevcConfig(
      Probe(MakeClip("hvcc-ten.mp4", kX265 + "level-idc=3.1 -pix_fmt yuv420p10le")).sets());
  const std::vector<HevcConfig> both = {eight, ten};
  EXPECT_THROW(MergeHevcConfigs(both), Error);
  ParameterSets no_vps = eight.sets;
  no_vps.vps.clear();
  EXPECT_THROW(MakeHevcConfig(no_vps), Error);
}

TEST(HevcConfig, RefusesATruncatedRecord) {
  const Bytes record = Probe(MakeClip("hvcc-low.mp4", kX265 + "level-idc=3.1")).extradata;
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_THROW(ParseHevcConfig(ByteView(record).first(size)), Error) << size;
  }
}

}  // namespace
}  // namespace opencut
