#include "media/format_opener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "media/probe.h"
#include "media/stream_description.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::Clip;
using ::testing::HasSubstr;
using testing::RealFile;
using testing::TempFolder;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The error that probing gives, which is always ERR_PROBE, names the file and says what to do.
Error ProbeError(const std::string& path) {
  try {
    Probe(path, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kProbe);
    EXPECT_THAT(error.what(), HasSubstr(path));
    EXPECT_EQ(error.context().path, path);
    return error;
  }
  ADD_FAILURE() << path << " was taken for media";
  return Error(ErrorCode::kExec, "");
}

void ExpectRefused(const std::string& path, const std::string& reason) {
  const Error error = ProbeError(path);
  EXPECT_THAT(error.what(), HasSubstr(reason));
  EXPECT_NE(error.hint(), "");
}

std::string SmallMp4() {
  return Clip("-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v libx264 -movflags faststart", "mp4");
}

TEST(OpenFormat, RefusesWhatIsNotThere) {
  EXPECT_EQ(ProbeError("/nowhere/film.mp4").context().system, "ENOENT");
}

TEST(OpenFormat, RefusesAFolder) {
  const TempFolder folder;
  ProbeError(folder.File("."));
}

TEST(OpenFormat, RefusesAnEmptyFile) {
  const TempFolder folder;
  WriteFile(folder.File("film.mp4"), "");
  ExpectRefused(folder.File("film.mp4"), "is empty");
}

TEST(OpenFormat, RefusesWhatIsNotMedia) {
  const TempFolder folder;
  WriteFile(folder.File("notes.mp4"), "These are notes, whatever their name says.\n");
  ExpectRefused(folder.File("notes.mp4"), "is not a media file");
  WriteFile(folder.File("page.mp4"), "<!DOCTYPE html><html><body>404 Not Found</body></html>");
  ExpectRefused(folder.File("page.mp4"), "is not a media file");
  WriteFile(folder.File("zeros.mp4"), std::string(1 << 20, '\0'));
  ProbeError(folder.File("zeros.mp4"));
}

TEST(OpenFormat, RefusesNoise) {
  const TempFolder folder;
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    std::string noise(200'000, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    const std::string path = folder.File("noise" + std::to_string(seed) + ".mp4");
    WriteFile(path, noise);
    EXPECT_NE(ProbeError(path).hint(), "");
  }
}

TEST(OpenFormat, RefusesAnMp4WithoutItsIndex) {
  const TempFolder folder;
  const std::string at_end = ReadFile(Clip("-f lavfi -i sine=d=2 -c:a aac", "mp4"));
  WriteFile(folder.File("film.mp4"), at_end.substr(0, at_end.size() / 2));
  ExpectRefused(folder.File("film.mp4"), "without a readable index (moov)");
}

TEST(OpenFormat, RefusesAnMp4WhoseEndIsMissing) {
  const TempFolder folder;
  const std::string whole = ReadFile(SmallMp4());
  WriteFile(folder.File("film.mp4"), whole.substr(0, whole.size() - 1));
  ExpectRefused(folder.File("film.mp4"), "is cut off: it has " + std::to_string(whole.size() - 1) +
                                             " of at least " + std::to_string(whole.size()));
}

TEST(OpenFormat, TakesAFragmentedRecordingThatBrokeOff) {
  const TempFolder folder;
  for (const char* flags : {"frag_keyframe+empty_moov", "frag_keyframe"}) {
    const std::string whole = ReadFile(
        Clip(std::string("-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -g 10 -movflags ") +
                 flags,
             "mp4"));
    WriteFile(folder.File("film.mp4"), whole.substr(0, whole.size() * 3 / 4));
    EXPECT_EQ(Probe(folder.File("film.mp4"), {}).streams.at(0).codec, "h264") << flags;
  }
}

TEST(OpenFormat, RefusesBrokenRealFiles) {
  for (const char* name : {"broken-no-moov.mp4", "broken-truncated-no-mdat.mp4",
                           "fuzz-bad-timescale.mp4", "zero-length.webm"}) {
    const std::optional<std::string> path = RealFile(name);
    if (!path) GTEST_SKIP() << "no real footage: set OPENCUT_MEDIA to its folder";
    EXPECT_NE(ProbeError(*path).hint(), "");
  }
}

TEST(OpenFormat, OpensNoSecondFile) {
  const TempFolder folder;
  WriteFile(folder.File("film.mp4"), ReadFile(SmallMp4()));
  const auto refuse = [&](const std::string& name, const std::string& content) {
    WriteFile(folder.File(name), content);
    ExpectRefused(folder.File(name), "refers to media in other files");
  };
  refuse("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfilm.mp4\n#EXT-X-ENDLIST\n");
  refuse("list.txt", "ffconcat version 1.0\nfile film.mp4\n");
  refuse("list.mpd",
         "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" "
         "profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\"><Period><AdaptationSet>"
         "<Representation id=\"1\"><BaseURL>film.mp4</BaseURL></Representation></AdaptationSet>"
         "</Period></MPD>");
  refuse("list.sdp",
         "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
         "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n");
}

void PutBigEndian(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

std::uint32_t BigEndian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

// A MOV whose only track says that its media lies in another file (an alias, QuickTime File Format,
// "Data reference atoms"), made from one whose moov box is its last.
std::string WithAlias(std::string mov, const std::string& target) {
  std::string alias(150, '\0');
  alias[131] = 1;  // Levels up from the alias; then levels down to the target.
  alias[133] = 1;
  alias += std::string("\0\2\0", 3) + static_cast<char>(target.size()) + target;
  alias += std::string("\xff\xff\0\0", 4);
  std::string entry(8, '\0');
  entry += alias;
  entry.replace(4, 4, "alis");
  entry.insert(8, 4, '\0');  // Version and flags: not self-contained.
  PutBigEndian(entry, 0, static_cast<std::uint32_t>(entry.size()));

  constexpr std::uint32_t kUrlEntryBytes = 12;
  const std::size_t old = mov.find("url ", mov.find("dref")) - 4;
  for (const char* box : {"moov", "trak", "mdia", "minf", "dinf", "dref"}) {
    const std::size_t at = mov.rfind(box, old) - 4;
    PutBigEndian(mov, at,
                 BigEndian(mov, at) - kUrlEntryBytes + static_cast<std::uint32_t>(entry.size()));
  }
  return mov.replace(old, kUrlEntryBytes, entry);
}

TEST(OpenFormat, RefusesATrackWhoseMediaLiesInAnotherFile) {
  const TempFolder folder;
  const std::string mov =
      ReadFile(Clip("-f lavfi -i sine=d=1 -c:a pcm_s16le -write_tmcd 0", "mov"));
  WriteFile(folder.File("other.mov"), mov);
  WriteFile(folder.File("alias.mov"), WithAlias(mov, "/Volume/other.mov"));
  ExpectRefused(folder.File("alias.mov"), "refers to media in other files");
}

TEST(OpenFormat, ThrowsCancelledOnceTheTokenIs) {
  CancellationSource source;
  source.Cancel();
  EXPECT_THROW(Probe(SmallMp4(), source.token()), Cancelled);
}

TEST(HeadersSayAll, WhereParameterSetsAreInTheHeader) {
  const auto says_all = [](const std::string& path) {
    InputFile file(path, {});
    return HeadersSayAll(*OpenFormat(file, {}));
  };
  const std::string picture = "-f lavfi -i testsrc2=s=320x180:r=25:d=1 ";
  EXPECT_TRUE(says_all(testing::H264Clip()));
  EXPECT_TRUE(says_all(testing::HevcClip()));
  EXPECT_TRUE(says_all(Clip("-f lavfi -i sine=d=1 -c:a pcm_s16le", "mov")));
  EXPECT_FALSE(says_all(Clip(picture + "-c:v libx264", "mkv")));
  EXPECT_FALSE(says_all(Clip(picture + "-c:v mpeg4", "mp4")));
  EXPECT_FALSE(says_all(Clip(picture + "-c:v libx264 -flags +ilme+ildct", "mp4")));
  EXPECT_FALSE(says_all(Clip(picture + "-c:v libx264 -movflags frag_keyframe+empty_moov", "mp4")));
}

}  // namespace
}  // namespace opencut
