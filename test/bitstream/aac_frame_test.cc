#include "bitstream/aac_frame.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "bitstream/bit_writer.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

std::vector<Bytes> AdtsFrames(const std::string& path) {
  const Bytes file = ReadFile(path);
  std::vector<Bytes> frames;
  // adts_fixed_header and adts_variable_header: 7 bytes, aac_frame_length in bits 30 to 42.
  for (std::size_t i = 0; i + 7 < file.size();) {
    const std::size_t length = (file[i + 3] & 3u) << 11 | file[i + 4] << 3 | file[i + 5] >> 5;
    frames.emplace_back(file.begin() + static_cast<std::ptrdiff_t>(i + 7),
                        file.begin() + static_cast<std::ptrdiff_t>(i + length));
    i += length;
  }
  return frames;
}

// Clicks every 70 ms make an encoder switch windows.
std::vector<Bytes> Clicks(const std::string& layout) {
  const std::string path = TemporaryPath("clicks-" + layout + ".aac");
  RunCommand(
      "ffmpeg -nostdin -v error -y -f lavfi -i "
      "\"aevalsrc='0.8*lt(mod(t\\,0.07)\\,0.0005)':s=48000:d=2\" -ac " +
      std::string(layout == "mono" ? "1" : "2") + " -c:a aac -b:a 96k -f adts '" + path + "'");
  return AdtsFrames(path);
}

class Layouts : public ::testing::TestWithParam<std::string> {};

TEST_P(Layouts, WindowsFollowEachOtherAsTheStandardAllows) {
  std::map<AacWindowSequence, int> seen;
  std::optional<AacWindow> last;
  for (const Bytes& frame : Clicks(GetParam())) {
    const std::optional<AacWindow> window = ReadAacWindow(frame);
    ASSERT_TRUE(window);
    ++seen[window->sequence];
    // Figure 4.24: what ends long begins long, what ends short begins short.
    if (last) {
      EXPECT_EQ(last->EndsLong(), window->BeginsLong());
    }
    last = window;
  }
  EXPECT_EQ(seen.size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Aac, Layouts, ::testing::Values("mono", "stereo"));

TEST(ReadAacWindow, FindsTheChannelsBehindDataAndFill) {
  // A data element of two bytes, a fill element of one, a pair: id 4, tag 0, no alignment, count 2;
  // id 6, count 1; id 1, tag 0, common window, reserved 0, sequence 3, shape 1.
  EXPECT_FALSE(ReadAacWindow(Bytes{0x80}));
  BitWriter writer;
  writer.WriteBits(4, 3);
  writer.WriteBits(0, 5);
  writer.WriteBits(2, 8);
  writer.WriteBits(0xabcd, 16);
  writer.WriteBits(6, 3);
  writer.WriteBits(1, 4);
  writer.WriteBits(0x55, 8);
  writer.WriteBits(1, 3);
  writer.WriteBits(0, 4);
  writer.WriteBits(1, 1);
  writer.WriteBits(0b0111, 4);
  const std::optional<AacWindow> window = ReadAacWindow(writer.bytes());
  ASSERT_TRUE(window);
  EXPECT_EQ(window->sequence, AacWindowSequence::kLongStop);
  EXPECT_EQ(window->shape, AacWindowShape::kKaiserBessel);
}

TEST(ReadAacWindow, SaysNothingWhereTheChannelsHaveWindowsOfTheirOwn) {
  EXPECT_FALSE(ReadAacWindow(Bytes{0b00100000, 0, 0, 0}));  // A pair without common window.
  EXPECT_FALSE(ReadAacWindow(Bytes{0b11100000, 0, 0, 0}));  // The end.
  EXPECT_FALSE(ReadAacWindow(Bytes{}));
}

}  // namespace
}  // namespace opencut
