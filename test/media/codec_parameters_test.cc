#include "media/codec_parameters.h"

#include <gtest/gtest.h>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::Clip;
using testing::Ffprobe;
using testing::H264Clip;
using testing::ReadPackets;

std::string Text(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

TEST(CodecParameters, SayWhatFfprobeSaysOfAVideoStream) {
  const CodecParameters p = ReadPackets(H264Clip(), MediaType::kVideo, 1).parameters;
  const std::string facts = p.codec_name() + "," + p.profile_name() + "," + p.codec_tag() + "," +
                            std::to_string(p.width()) + "," + std::to_string(p.height()) + "," +
                            std::to_string(p.reorder_depth()) + "," + p.pixel_format() + "," +
                            std::to_string(p.level());
  EXPECT_EQ(facts, Ffprobe(H264Clip(),
                           "-select_streams v -show_entries stream=codec_name,profile,"
                           "codec_tag_string,width,height,has_b_frames,pix_fmt,level"));
  EXPECT_EQ(p.type(), MediaType::kVideo);
  EXPECT_EQ(p.extradata()[0], 1);  // configurationVersion of an avcC box.
}

TEST(CodecParameters, SayWhatFfprobeSaysOfAnAudioStream) {
  const CodecParameters p = ReadPackets(H264Clip(), MediaType::kAudio, 1).parameters;
  const std::string facts = p.codec_name() + "," + p.profile_name() + "," + p.sample_format() +
                            "," + std::to_string(p.sample_rate()) + "," +
                            std::to_string(p.channels()) + "," + p.channel_layout();
  EXPECT_EQ(facts, Ffprobe(H264Clip(),
                           "-select_streams a -show_entries stream=codec_name,profile,sample_fmt,"
                           "sample_rate,channels,channel_layout"));
}

TEST(CodecParameters, ReadColourAndSampleAspectRatio) {
  const std::string clip = Clip(
      "-f lavfi -i testsrc2=s=64x64:d=0.2 -vf setsar=4/3 -c:v libx264 -pix_fmt yuv420p "
      "-x264-params "
      "range=tv:colorprim=bt709:transfer=bt709:colormatrix=bt709:chromaloc=0",
      "mp4");
  const CodecParameters p = ReadPackets(clip, MediaType::kVideo, 1).parameters;
  EXPECT_EQ(p.sample_aspect_ratio(), Rational(4, 3));
  const Colour bt709{.full_range = false,
                     .range_known = true,
                     .primaries = 1,
                     .transfer = 1,
                     .matrix = 1,
                     .chroma_location = 1};
  EXPECT_EQ(p.colour(), bt709);
}

TEST(CodecParameters, ACopySharesNothing) {
  CodecParameters a = ReadPackets(H264Clip(), MediaType::kVideo, 1).parameters;
  a.SetDisplayMatrix(DisplayMatrix{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30});
  CodecParameters b = a;
  CodecParameters c;
  c = a;
  a.SetExtradata({});
  a.SetDisplayMatrix(std::nullopt);
  a.SetCodecTag("avc3");
  for (const CodecParameters* copy : {&b, &c}) {
    EXPECT_GT(copy->extradata().size(), 20u);
    EXPECT_TRUE(copy->display_matrix().has_value());
    EXPECT_EQ(copy->codec_tag(), "avc1");
  }
  EXPECT_TRUE(a.extradata().empty());
  EXPECT_FALSE(a.display_matrix().has_value());
}

TEST(CodecParameters, ReplaceExtradataAndPadIt) {
  CodecParameters p;
  p.SetExtradata(std::vector<std::uint8_t>{'a', 'b', 'c'});
  p.SetExtradata(std::vector<std::uint8_t>{'d', 'e'});
  EXPECT_EQ(Text(p.extradata()), "de");
  for (int i = 0; i < AV_INPUT_BUFFER_PADDING_SIZE; ++i) EXPECT_EQ(p.get().extradata[2 + i], 0);
}

TEST(CodecParameters, KeepWhatDescribesTheLightWhenCodingSideDataIsDropped) {
  CodecParameters p;
  const MasteringDisplay display{.red_x = Rational(17, 25),
                                 .red_y = Rational(8, 25),
                                 .green_x = Rational(53, 200),
                                 .green_y = Rational(69, 100),
                                 .blue_x = Rational(3, 20),
                                 .blue_y = Rational(3, 50),
                                 .white_x = Rational(3127, 10000),
                                 .white_y = Rational(329, 1000),
                                 .min_luminance = Rational(1, 10000),
                                 .max_luminance = 1000};
  p.SetMasteringDisplay(display);
  p.SetContentLight({.max_content = 900, .max_frame_average = 300});
  p.DropCodingSideData();
  EXPECT_EQ(p.mastering_display()->green_x, display.green_x);
  EXPECT_EQ(p.mastering_display()->white_y, display.white_y);
  EXPECT_EQ(p.mastering_display()->min_luminance, display.min_luminance);
  EXPECT_EQ(p.content_light()->max_content, 900);
  EXPECT_EQ(p.content_light()->max_frame_average, 300);
}

// Reference: ffprobe 5.1.9 -show_streams prints rotation, mastering display and light level.
TEST(CodecParameters, ReadDisplayMatrixAndLightOfRealFiles) {
  const auto rotated = testing::RealFile("h264-phone-4k60-vfr-rotated90.mp4");
  const auto hdr = testing::RealFile("av1-hdr10-mastering-display-cll-1080p5994.mp4");
  if (!rotated || !hdr) GTEST_SKIP() << "the folder with real media is not there";
  const CodecParameters phone = ReadPackets(*rotated, MediaType::kVideo, 1).parameters;
  ASSERT_TRUE(phone.display_matrix());
  EXPECT_EQ(std::to_string(-RotationDegrees(*phone.display_matrix())),
            Ffprobe(*rotated, "-select_streams v -show_entries stream_side_data=rotation"));
  const CodecParameters p = ReadPackets(*hdr, MediaType::kVideo, 1).parameters;
  ASSERT_TRUE(p.mastering_display() && p.content_light());
  EXPECT_EQ(std::to_string(p.content_light()->max_content) + "," +
                std::to_string(p.content_light()->max_frame_average),
            Ffprobe(*hdr,
                    "-select_streams v -show_entries "
                    "stream_side_data=max_content,max_average"));
}

}  // namespace
}  // namespace opencut
