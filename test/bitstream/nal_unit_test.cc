#include "bitstream/nal_unit.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

Bytes Copy(ByteView view) { return Bytes(view.begin(), view.end()); }

std::vector<Bytes> Split(const Bytes& sample, NalFraming framing) {
  std::vector<Bytes> nals;
  for (const ByteView nal : SplitNalUnits(sample, framing)) nals.push_back(Copy(nal));
  return nals;
}

TEST(NalUnitReader, WalksLengthsOfEachSize) {
  const std::vector<Bytes> nals = {{0x67, 1}, {0x68}};
  EXPECT_EQ(Split({2, 0x67, 1, 1, 0x68}, {.length_size = 1}), nals);
  EXPECT_EQ(Split({0, 2, 0x67, 1, 0, 1, 0x68}, {.length_size = 2}), nals);
  EXPECT_EQ(Split({0, 0, 2, 0x67, 1, 0, 0, 1, 0x68}, {.length_size = 3}), nals);
  EXPECT_EQ(Split({0, 0, 0, 2, 0x67, 1, 0, 0, 0, 1, 0x68}, {.length_size = 4}), nals);
}

TEST(NalUnitReader, WalksStartCodesOfThreeAndFourBytes) {
  const std::vector<Bytes> nals = {{0x67, 1}, {0x68}, {0x65, 0, 0, 3, 1}};
  EXPECT_EQ(Split({0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 0, 0, 0, 0, 1, 0x65, 0, 0, 3, 1, 0, 0, 0},
                  kAnnexB),
            nals);
}

TEST(NalUnitReader, PassesOverWhatIsEmpty) {
  const std::vector<Bytes> nals = {{0x41, 9}};
  EXPECT_EQ(Split({0, 0, 0, 0, 0, 0, 0, 2, 0x41, 9, 0, 0, 0}, {.length_size = 4}), nals);
  EXPECT_EQ(Split({0, 0, 1, 0, 0, 1, 0x41, 9}, kAnnexB), nals);
  EXPECT_TRUE(Split({}, {.length_size = 4}).empty());
  EXPECT_TRUE(Split({}, kAnnexB).empty());
  EXPECT_TRUE(Split({1, 2, 3, 4}, kAnnexB).empty());
}

TEST(NalUnitReader, RefusesALengthBeyondTheSample) {
  EXPECT_THROW(Split({0, 0, 0, 3, 0x41, 9}, {.length_size = 4}), Error);
  EXPECT_THROW(Split({0xff, 0xff, 0xff, 0xff, 0x41, 9}, {.length_size = 4}), Error);
  EXPECT_THROW(Split({0, 0, 0, 1, 0x41, 0, 1}, {.length_size = 4}), Error);
  EXPECT_THROW(NalUnitReader({}, {.length_size = 5}), Error);
}

// H.264 7.4.1: the four three-byte patterns and a payload that ends in zeros.
TEST(EmulationPrevention, GuardsEachPattern) {
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 0}), (Bytes{0x65, 0, 0, 3, 0, 3}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 1}), (Bytes{0x65, 0, 0, 3, 1}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 2}), (Bytes{0x65, 0, 0, 3, 2}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 3}), (Bytes{0x65, 0, 0, 3, 3}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 4}), (Bytes{0x65, 0, 0, 4}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0, 0, 0, 0, 0x80}),
            (Bytes{0x65, 0, 0, 3, 0, 0, 0x80}));
  EXPECT_EQ(InsertEmulationPrevention(Bytes{0x65, 0x80, 0, 0}), (Bytes{0x65, 0x80, 0, 0, 3}));
}

TEST(EmulationPrevention, IsUndoneByStripping) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    Bytes raw = {0x65};
    for (int i = 0; i < 40; ++i) {
      raw.push_back(static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 6 : 0));
    }
    raw.push_back(0x80);
    const Bytes nal = InsertEmulationPrevention(raw);
    ASSERT_EQ(StripEmulationPrevention(nal), raw);
    for (std::size_t i = 2; i < nal.size(); ++i) {
      ASSERT_FALSE(nal[i - 2] == 0 && nal[i - 1] == 0 && nal[i] < 3);
    }
    ASSERT_EQ(StripEmulationPrevention(nal, 7), Bytes(raw.begin(), raw.begin() + 7));
  }
}

// h264_mp4toannexb and hevc_mp4toannexb put the parameter sets before each IDR picture and change
// nothing else, so what is left without them are the samples of the file.
void ExpectSamplesFromAnnexB(NalCodec codec, const std::string& path, const std::string& filter) {
  const std::string annexb = TemporaryPath("annexb.bin");
  RunCommand("ffmpeg -nostdin -v error -i '" + path + "' -map 0:v:0 -c copy -bsf:v " + filter +
             " -f data -y '" + annexb + "'");
  Bytes samples;
  for (const CodedPacket& packet : ReadPackets(path)) {
    samples.insert(samples.end(), packet.bytes.begin(), packet.bytes.end());
  }
  EXPECT_TRUE(ToLengthPrefixed(codec, ReadFile(annexb), kAnnexB, {.parameter_sets = true}) ==
              samples)
      << path;
}

TEST(ToLengthPrefixed, TurnsAnnexBBackIntoTheSamplesOfTheFile) {
  for (const std::string options : {"keyint=5", "keyint=30", "slices=3"}) {
    ExpectSamplesFromAnnexB(NalCodec::kH264,
                            MakeClip(options + ".mp4", "-c:v libx264 -x264-params " + options),
                            "h264_mp4toannexb");
  }
  // Without x265's options in hvcC, which the filter puts into the stream as well.
  ExpectSamplesFromAnnexB(
      NalCodec::kHevc,
      MakeClip("hevc.mp4", "-c:v libx265 -x265-params log-level=error:keyint=5:info=0"),
      "hevc_mp4toannexb");
}

TEST(ToLengthPrefixed, WidensLengths) {
  const std::string path = MakeClip("tiny.mp4", "-c:v libx264", "32x32", 5);
  for (const CodedPacket& packet : ReadPackets(path)) {
    for (const int size : {2, 3}) {
      Bytes narrow;
      for (const ByteView nal : SplitNalUnits(packet.bytes, NalFraming{})) {
        if (size == 3) narrow.push_back(0);
        narrow.push_back(static_cast<std::uint8_t>(nal.size() >> 8));
        narrow.push_back(static_cast<std::uint8_t>(nal.size()));
        narrow.insert(narrow.end(), nal.begin(), nal.end());
      }
      EXPECT_EQ(ToLengthPrefixed(NalCodec::kH264, narrow, {.length_size = size}, {}), packet.bytes);
    }
  }
}

// With aud=1 x264 and x265 write a delimiter before each of the 20 pictures, and they write one SEI
// with their options at the start.
TEST(ToLengthPrefixed, LeavesOutWhatTheFilterNames) {
  const auto count = [](NalCodec codec, const std::string& path, const NalFilter& filter) {
    const Bytes sample = ToLengthPrefixed(codec, ReadFile(path), kAnnexB, filter);
    return SplitNalUnits(sample, NalFraming{}).size();
  };
  const std::string avc = MakeClip("aud.h264", "-c:v libx264 -x264-params aud=1:keyint=30");
  const std::string hevc =
      MakeClip("aud.hevc", "-c:v libx265 -x265-params log-level=error:aud=1:keyint=30");
  for (const auto& [codec, path] : {std::pair(NalCodec::kH264, avc), {NalCodec::kHevc, hevc}}) {
    const std::size_t set_count = codec == NalCodec::kH264 ? 2 : 3;
    EXPECT_EQ(count(codec, path, {}), 20u + 20 + 1 + set_count);
    EXPECT_EQ(count(codec, path, {.parameter_sets = true}), 20u + 20 + 1);
    EXPECT_EQ(count(codec, path, {.access_unit_delimiters = true}), 20u + 1 + set_count);
    EXPECT_EQ(count(codec, path, {.encoder_options = true}), 20u + 20 + set_count);
  }
}

}  // namespace
}  // namespace opencut
