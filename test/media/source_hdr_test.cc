// What a source's packets, headers and container say of the light its pictures stand for.
#include <gtest/gtest.h>

#include <string>

#include "media/hdr_metadata.h"
#include "media/indexer.h"
#include "media/source_file.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::Clip;
using testing::RealFile;
using testing::TempFolder;

// Two of the coordinates share terms with the units that the message counts in.
const MasteringDisplay kDisplay{.red_x = Rational(17, 25),
                                .red_y = Rational(8, 25),
                                .green_x = Rational(53, 200),
                                .green_y = Rational(69, 100),
                                .blue_x = Rational(3, 20),
                                .blue_y = Rational(3, 50),
                                .white_x = Rational(3127, 10000),
                                .white_y = Rational(329, 1000),
                                .min_luminance = Rational(1, 200),
                                .max_luminance = 1000};

std::string HdrClip() {
  return Clip(
      "-f lavfi -i testsrc2=s=160x90:r=25:d=0.4 -pix_fmt yuv420p10le -c:v libx265 -preset "
      "superfast "
      "-x265-params 'log-level=none:info=0:atc-sei=18:max-cll=1000,400:master-display="
      "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)' -tag:v hvc1",
      "mp4");
}

HdrMetadata HdrOf(const std::string& path) {
  SourceFile source(path, {});
  const Indexer indexer(source);
  return source.video_params()->hdr;
}

// The message on transfer characteristics stands in band only.
TEST(SourceFile, ReadsHdrMetadataOfTheFirstPacketInAnyContainer) {
  const TempFolder folder;
  const HdrMetadata expected{.mastering_display = kDisplay,
                             .content_light = ContentLight{1000, 400},
                             .preferred_transfer = 18};
  EXPECT_EQ(HdrOf(HdrClip()), expected);
  for (const char* name : {"a.mkv", "a.ts"}) {
    testing::Run("ffmpeg -nostdin -v error -i " + HdrClip() + " -c copy " + folder.File(name));
    EXPECT_EQ(HdrOf(folder.File(name)), expected) << name;
  }
}

TEST(SourceFile, ReadsHdrMetadataOfTheHeader) {
  const TempFolder folder;
  const std::string path = folder.File("a.mp4");
  testing::Run("ffmpeg -nostdin -v error -i " + HdrClip() +
               " -c copy -tag:v hvc1 -bsf:v filter_units=remove_types=39 " + path);
  const HdrMetadata expected{.mastering_display = kDisplay,
                             .content_light = ContentLight{1000, 400}};
  EXPECT_EQ(HdrOf(path), expected);
}

// AV1 has no SEI.
TEST(SourceFile, ReadsHdrMetadataOfTheContainer) {
  const std::optional<std::string> path = RealFile("av1-hdr10-mastering-display-cll-1080p5994.mp4");
  if (!path) GTEST_SKIP() << "the folder with real media is not there";
  const HdrMetadata hdr = HdrOf(*path);
  ASSERT_TRUE(hdr.mastering_display);
  EXPECT_EQ(hdr.mastering_display->red_x, Rational(33899, 50000));
  EXPECT_EQ(hdr.content_light, (ContentLight{1100, 180}));
}

TEST(AddHdrFromSei, PassesOverWhatIsCutOffOrBeyondAnyDisplay) {
  HdrMetadata hdr;
  AddHdrFromSei(NalCodec::kHevc, Bytes{0x4e, 1, 144, 2, 3, 232, 0x80}, hdr);
  Bytes bright = {0x4e, 1, 137, 24};
  bright.insert(bright.end(), 16, 1);
  bright.insert(bright.end(), 8, 0xff);
  bright.push_back(0x80);
  AddHdrFromSei(NalCodec::kHevc, bright, hdr);
  EXPECT_EQ(hdr, HdrMetadata());
}

}  // namespace
}  // namespace opencut
