#include "bitstream/aac_config.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

void ExpectAgreesWithProbe(const std::string& path) {
  const ProbedStream stream = Probe(path, "a");
  const AacConfig config = ParseAacConfig(stream.extradata);
  EXPECT_EQ(std::to_string(config.sample_rate), stream.fields.at("sample_rate")) << path;
  ASSERT_TRUE(config.channels) << path;
  EXPECT_EQ(std::to_string(*config.channels), stream.fields.at("channels")) << path;
  EXPECT_EQ(config.object_type, 2);
  EXPECT_EQ(config.frame_samples, 1024);
  EXPECT_FALSE(config.sbr);
}

// One short file for each of these output options.
std::vector<std::string> MakeSounds(const std::vector<std::string>& options) {
  std::vector<std::string> paths;
  std::string command = "ffmpeg -nostdin -v error -y -f lavfi -i anullsrc=d=0.1";
  for (const std::string& option : options) {
    paths.push_back(TemporaryPath("sound-" + std::to_string(paths.size()) + ".m4a"));
    command += " " + option + " -c:a aac '" + paths.back() + "'";
  }
  RunCommand(command);
  return paths;
}

TEST(AacConfig, KnowsEveryRateThatFfmpegEncodes) {
  std::vector<std::string> options;
  for (const int rate :
       {96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}) {
    options.push_back("-ar " + std::to_string(rate));
  }
  for (const std::string& path : MakeSounds(options)) ExpectAgreesWithProbe(path);
}

// Layouts that have no channelConfiguration are told by a program_config_element.
TEST(AacConfig, CountsTheChannelsOfEveryLayout) {
  std::vector<std::string> options;
  for (const std::string layout : {"mono", "stereo", "2.1", "3.0", "4.0", "quad", "5.0", "5.1",
                                   "hexagonal", "6.1", "7.1", "7.1(wide)", "octagonal"}) {
    options.push_back("-af 'aformat=channel_layouts=" + layout + "'");
  }
  int element_told = 0;
  for (const std::string& path : MakeSounds(options)) {
    ExpectAgreesWithProbe(path);
    element_told += ParseAacConfig(Probe(path, "a").extradata).channel_configuration == 0 ? 1 : 0;
  }
  EXPECT_GE(element_told, 4);
}

TEST(AacConfig, AgreesWithFfprobeOnRealFiles) {
  int checked = 0;
  for (const std::string name :
       {"flv-h264-aac-60fps.flv", "fmp4-h264-1080p-rotated-aac-51.mp4",
        "h264-aac-1080p25-bframes.mp4", "h264-phone-4k60-vfr-rotated90.mp4",
        "hevc-open-gop-rasl-720p-aac.mp4", "mkv-audio-delayed-500ms.mkv",
        "mp4-gopro-gpmd-tmcd-2997.mp4", "mp4-long-6min-1080p-lowbitrate.mp4",
        "mp4-one-video-frame-three-audio.mp4", "av1-hdr10-mastering-display-cll-1080p5994.mp4",
        "mp4-two-video-two-audio-two-subtitles.mp4", "wrong-extension-m4a-10ms.wav"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    ++checked;
    ExpectAgreesWithProbe(*path);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

// The rate at which ffmpeg plays a config: as the sequence header of an FLV file with one frame.
std::string PlayedRate(const Bytes& config) {
  Bytes file = FromHex("464c560104000000090000 0000");
  const auto append_tag = [&](Bytes payload) {
    const auto size = static_cast<std::uint8_t>(payload.size());
    for (const std::uint8_t byte : {std::uint8_t{8}, std::uint8_t{0}, std::uint8_t{0}, size}) {
      file.push_back(byte);
    }
    file.resize(file.size() + 7);  // Time stamp and stream id.
    file.insert(file.end(), payload.begin(), payload.end());
    file.resize(file.size() + 3);
    file.push_back(static_cast<std::uint8_t>(size + 11));
  };
  Bytes header = {0xaf, 0};
  header.insert(header.end(), config.begin(), config.end());
  append_tag(header);
  append_tag({0xaf, 1, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c});
  const std::string path = TemporaryPath("config.flv");
  WriteFile(path, file);
  const std::string rate = RunCommand(
      "ffprobe -v error -f flv -show_entries stream=sample_rate -of csv=p=0 '" + path + "'");
  return rate.substr(0, rate.find('\n'));
}

struct Expected {
  const char* config;
  AacConfig facts;
};

TEST(AacConfig, ReadsSignalledSbrAndPs) {
  const AacConfig lc{.sample_rate = 44100, .channel_configuration = 2, .channels = 2};
  AacConfig short_frames = lc;
  short_frames.frame_samples = 960;
  const AacConfig sbr{.object_type = 5,
                      .sample_rate = 22050,
                      .channel_configuration = 2,
                      .channels = 2,
                      .sbr = true,
                      .extension_sample_rate = 44100};
  AacConfig sbr_after = sbr;
  sbr_after.object_type = 2;
  AacConfig ps = sbr;
  ps.object_type = 29;
  ps.channel_configuration = 1;
  ps.ps = true;
  AacConfig ps_after = ps;
  ps_after.object_type = 2;
  for (const Expected& expected :
       {Expected{"1210", lc}, Expected{"1214", short_frames}, Expected{"2b920800", sbr},
        Expected{"139056e5a0", sbr_after}, Expected{"eb8a0800", ps},
        Expected{"138856e5a54880", ps_after}}) {
    SCOPED_TRACE(expected.config);
    const Bytes bytes = FromHex(expected.config);
    const AacConfig config = ParseAacConfig(bytes);
    EXPECT_EQ(config, expected.facts);
    const int rate = config.sbr ? config.extension_sample_rate : config.sample_rate;
    EXPECT_EQ(PlayedRate(bytes), std::to_string(rate));
  }
}

// ffmpeg 5.1 cannot play one.
TEST(AacConfig, ReadsAnExplicitRate) {
  const AacConfig config = ParseAacConfig(FromHex("1780562210"));
  EXPECT_EQ(config.sample_rate, 44100);
  EXPECT_EQ(config.channels, 2);
}

// 139056e500 ends with the extension, but says that there is no SBR; 1210 with zeros is padded.
TEST(AacConfig, TakesNoSbrWhereNoneIsSignalled) {
  for (const char* config : {"139056e500", "121056e500", "12100000000000"}) {
    EXPECT_FALSE(ParseAacConfig(FromHex(config)).sbr) << config;
  }
}

TEST(AacConfig, RefusesWhatItCannotKnow) {
  EXPECT_THROW(ParseAacConfig({}), Error);
  EXPECT_THROW(ParseAacConfig(FromHex("12")), Error);
  EXPECT_THROW(ParseAacConfig(FromHex("1690")), Error);        // Frequency index 13.
  EXPECT_THROW(ParseAacConfig(FromHex("1780000010")), Error);  // An explicit rate of 0.
  EXPECT_THROW(ParseAacConfig(FromHex("f8e85000")), Error);    // ELD.
  EXPECT_THROW(ParseAacConfig(FromHex("1200050408")), Error);  // Truncated program_config_element.
}

}  // namespace
}  // namespace opencut
