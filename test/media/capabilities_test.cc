// Reference: the ffmpeg command line, which is linked to the same libraries.
#include "media/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

// The names in a list of `ffmpeg`: lines of flags, a name and a description, after a line of
// dashes.
std::vector<std::string> Listed(const std::string& option) {
  std::istringstream lines(testing::Run("ffmpeg -hide_banner " + option));
  std::set<std::string> names;
  bool past_legend = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string flags, name;
    words >> flags >> name;
    if (past_legend) names.insert(name);
    past_legend = past_legend || flags.starts_with("--");
  }
  return {names.begin(), names.end()};
}

TEST(Capabilities, NamesTheEncodersDecodersAndMuxersThatFfmpegLists) {
  const Capabilities capabilities = GetCapabilities();
  EXPECT_EQ(capabilities.encoders, Listed("-encoders"));
  EXPECT_EQ(capabilities.decoders, Listed("-decoders"));
  // ffmpeg itself adds the devices of libavdevice, which is not used here.
  const std::vector<std::string> muxers = Listed("-muxers");
  EXPECT_TRUE(std::includes(muxers.begin(), muxers.end(), capabilities.muxers.begin(),
                            capabilities.muxers.end()));
  EXPECT_THAT(capabilities.muxers, ::testing::IsSupersetOf({"mov", "mp4", "webm"}));
}

TEST(Capabilities, GivesTheVersionsThatFfmpegPrints) {
  const Capabilities::Versions versions = GetCapabilities().versions;
  const std::string printed = testing::Run("ffmpeg -version");
  EXPECT_THAT(printed, ::testing::StartsWith("ffmpeg version " + versions.ffmpeg + " "));
  // "libavutil      57. 28.100 / 57. 28.100": as compiled, as loaded.
  const auto printed_version = [&](const std::string& library) {
    const std::size_t line = printed.find("\n" + library + " ");
    const std::size_t loaded = printed.find('/', line) + 1;
    std::string version = printed.substr(loaded, printed.find('\n', loaded) - loaded);
    std::erase(version, ' ');
    return version;
  };
  EXPECT_EQ(versions.libavformat, printed_version("libavformat"));
  EXPECT_EQ(versions.libavcodec, printed_version("libavcodec"));
  EXPECT_EQ(versions.libavfilter, printed_version("libavfilter"));
  EXPECT_EQ(versions.libavutil, printed_version("libavutil"));
  EXPECT_EQ(versions.libswresample, printed_version("libswresample"));
  EXPECT_EQ(versions.libswscale, printed_version("libswscale"));
}

TEST(Capabilities, NamesTheHardwareThatFfmpegLists) {
  std::istringstream lines(testing::Run("ffmpeg -hide_banner -hwaccels"));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && !line.ends_with(":")) names.insert(line);
  }
  EXPECT_EQ(GetCapabilities().hardware, std::vector<std::string>(names.begin(), names.end()));
}

TEST(Capabilities, SaysWhichLicenceLibavIsUnder) {
  EXPECT_THAT(GetCapabilities().license, ::testing::HasSubstr("GPL version"));
}

}  // namespace
}  // namespace opencut
