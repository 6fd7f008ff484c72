#include "bitstream/avc_config.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "bitstream/h264_parameter_sets.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

class AvcConfigOfClip : public ::testing::TestWithParam<ClipCase> {};

// The MP4 muxer of ffmpeg makes avcC out of x264's Annex B extradata.
TEST_P(AvcConfigOfClip, IsTheOneThatFfmpegMakes) {
  const ClipCase& clip = GetParam();
  const Bytes record = Probe(MakeClip(clip.name + ".mp4", clip.options, clip.size)).extradata;
  const AvcConfig parsed = ParseAvcConfig(record);
  EXPECT_EQ(parsed.length_size, 4);
  EXPECT_EQ(WriteAvcConfig(parsed), record);
  EXPECT_EQ(WriteAvcConfig(MakeAvcConfig(parsed.sets)), record);

  const Bytes annexb = ReadFile(MakeClip(clip.name + ".h264", clip.options, clip.size));
  EXPECT_EQ(WriteExtradata(ParameterSetsFromAnnexB(NalCodec::kH264, annexb)), record);
}

INSTANTIATE_TEST_SUITE_P(
    X264, AvcConfigOfClip,
    ::testing::Values(ClipCase{"avcc-baseline",
                               "-c:v libx264 -profile:v baseline -pix_fmt yuv420p"},
                      ClipCase{"avcc-main", "-c:v libx264 -profile:v main -pix_fmt yuv420p"},
                      ClipCase{"avcc-high", "-c:v libx264 -pix_fmt yuv420p"},
                      ClipCase{"avcc-high10", "-c:v libx264 -pix_fmt yuv420p10le"},
                      ClipCase{"avcc-high422", "-c:v libx264 -pix_fmt yuv422p10le"},
                      ClipCase{"avcc-high444", "-c:v libx264 -pix_fmt yuv444p"},
                      ClipCase{"avcc-gray", "-c:v libx264 -pix_fmt gray"}),
    CaseName);

// Two of them end before the tail.
TEST(AvcConfig, OfRealFilesIsReadAndWrittenAlike) {
  int checked = 0;
  for (const std::string name :
       {"h264-aac-1080p25-bframes.mp4", "h264-long-139s-10fps-cctv-video-only.mp4",
        "h264-phone-4k60-vfr-rotated90.mp4", "mkv-h264-opus-30fps-mono.mkv",
        "mov-h264-1080p50-pcm-sowt.mov", "mp4-gopro-gpmd-tmcd-2997.mp4",
        "mp4-sar-2x1-anamorphic.mp4", "flv-h264-aac-60fps.flv"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    SCOPED_TRACE(name);
    ++checked;
    const Bytes record = Probe(*path).extradata;
    Bytes written = WriteAvcConfig(ParseAvcConfig(record));
    EXPECT_TRUE(written.size() == record.size() || written.size() == record.size() + 4);
    written.resize(record.size());
    EXPECT_EQ(written, record);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

ParameterSets SetsOf(const std::string& name, const std::string& options) {
  return Probe(MakeClip(name + ".mp4", "-c:v libx264 -pix_fmt yuv420p " + options)).sets();
}

TEST(AvcConfig, MergedHasTheWidestProfileAndAllSets) {
  const AvcConfig baseline =
      MakeAvcConfig(SetsOf("merge-baseline", "-profile:v baseline -level 4.0"));
  const AvcConfig high = MakeAvcConfig(SetsOf("merge-high", "-x264-params sps-id=3 -level 3.1"));
  const std::vector<AvcConfig> both = {baseline, high};
  const std::vector<AvcConfig> reversed = {high, baseline};
  const AvcConfig merged = MergeAvcConfigs(both);
  EXPECT_EQ(merged.profile_idc, 100);
  EXPECT_EQ(merged.level_idc, 40);
  EXPECT_NE(baseline.constraint_flags, 0);
  EXPECT_EQ(merged.constraint_flags, 0);
  EXPECT_EQ(MergeAvcConfigs(reversed).constraint_flags, 0);
  EXPECT_EQ(merged.length_size, 4);
  ASSERT_EQ(merged.sets.sps.size(), 2u);
  ASSERT_EQ(merged.sets.pps.size(), 2u);
  EXPECT_EQ(merged.sets.sps[0], baseline.sets.sps[0]);
  EXPECT_EQ(merged.sets.sps[1], high.sets.sps[0]);

  const AvcConfig again = ParseAvcConfig(WriteAvcConfig(merged));
  EXPECT_EQ(again.sets, merged.sets);
  EXPECT_EQ(again.profile_idc, 100);
}

TEST(AvcConfig, MergesEqualSetsIntoOne) {
  const AvcConfig high = MakeAvcConfig(SetsOf("merge-high", "-x264-params sps-id=3 -level 3.1"));
  const std::vector<AvcConfig> twice = {high, high};
  EXPECT_EQ(WriteAvcConfig(MergeAvcConfigs(twice)), WriteAvcConfig(high));
}

TEST(AvcConfig, RefusesToMergeWhatCannotShareARecord) {
  const AvcConfig main = MakeAvcConfig(SetsOf("merge-main", "-profile:v main"));
  const AvcConfig high = MakeAvcConfig(SetsOf("merge-plain", ""));
  const AvcConfig ten =
      MakeAvcConfig(SetsOf("merge-10", "-pix_fmt yuv420p10le -x264-params sps-id=2"));
  const AvcConfig full =
      MakeAvcConfig(SetsOf("merge-444", "-pix_fmt yuv444p -x264-params sps-id=2"));
  const auto merge = [](const AvcConfig& a, const AvcConfig& b) {
    const std::vector<AvcConfig> both = {a, b};
    return MergeAvcConfigs(both);
  };
  EXPECT_THROW(merge(main, high), Error);  // Both have the ids 0.
  EXPECT_THROW(merge(main, ten), Error);
  EXPECT_THROW(merge(main, full), Error);
}

TEST(AvcConfig, HoldsNoMoreThan31Sps) {
  const H264Sps sps = ParseH264Sps(SetsOf("merge-plain", "").sps.at(0));
  AvcConfig config = MakeAvcConfig(SetsOf("merge-plain", ""));
  EXPECT_EQ(sps.id, 0);
  config.sets.sps.resize(31, config.sets.sps.front());
  EXPECT_NO_THROW(WriteAvcConfig(config));
  config.sets.sps.resize(32, config.sets.sps.front());
  EXPECT_THROW(WriteAvcConfig(config), Error);
}

TEST(AvcConfig, ReadsShortLengthsAndAMissingTail) {
  const AvcConfig high = MakeAvcConfig(SetsOf("merge-plain", ""));
  Bytes record = WriteAvcConfig(high);
  record[4] = 0xfd;
  EXPECT_EQ(ParseAvcConfig(record).length_size, 2);
  record[4] = 0xfc;
  EXPECT_EQ(ParseAvcConfig(record).length_size, 1);
  record.resize(record.size() - 4);
  EXPECT_EQ(ParseAvcConfig(record).sets, high.sets);
}

TEST(AvcConfig, KeepsSpsExtensions) {
  ParameterSets sets = SetsOf("merge-plain", "");
  sets.sps_extensions.push_back({0x6d, 0xc0});
  const Bytes record = WriteAvcConfig(MakeAvcConfig(sets));
  EXPECT_EQ(ParseAvcConfig(record).sets, sets);
}

TEST(AvcConfig, RefusesATruncatedRecord) {
  const Bytes record = WriteAvcConfig(MakeAvcConfig(SetsOf("merge-plain", "")));
  const std::size_t tail = 4;
  for (std::size_t size = 0; size < record.size() - tail; ++size) {
    EXPECT_THROW(ParseAvcConfig(ByteView(record).first(size)), Error) << size;
  }
  Bytes other_version = record;
  other_version[0] = 2;
  EXPECT_THROW(ParseAvcConfig(other_version), Error);
  EXPECT_THROW(ParseExtradata(NalCodec::kH264, Bytes{0, 0, 0, 1, 0x65, 0x88}), Error);
}

}  // namespace
}  // namespace opencut
