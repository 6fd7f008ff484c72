#include "bitstream/sei.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

TEST(Sei, KeepsItsMessagesWhenWrittenAndParsed) {
  const Bytes header = {0x06};
  const std::vector<SeiMessage> messages = {
      {.type = 5, .payload = Bytes(600, 0)}, {.type = 300, .payload = {0, 0, 1}}, {.type = 6}};
  const Bytes nal = WriteSei(NalCodec::kH264, header, messages);
  const std::vector<SeiMessage> parsed = ParseSei(NalCodec::kH264, nal);
  ASSERT_EQ(parsed.size(), 3u);
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    EXPECT_EQ(parsed[i].type, messages[i].type);
    EXPECT_EQ(parsed[i].payload, messages[i].payload);
  }
}

// All SEI that x264 and x265 wrote: parsing and writing gives the same bytes.
TEST(Sei, IsWrittenAsTheEncodersWriteIt) {
  int seen = 0;
  for (const std::string& path :
       {MakeClip("sei.mp4",
                 "-c:v libx264 -b:v 300k -maxrate 300k -bufsize 300k "
                 "-x264-params keyint=8:open-gop=1:bframes=3:nal-hrd=vbr:pic-struct=1"),
        MakeClip("sei-hevc.mp4",
                 "-c:v libx265 -x265-params "
                 "log-level=error:keyint=8:hash=1:vbv-maxrate=500:vbv-bufsize=500:hrd=1")}) {
    const NalCodec codec = Probe(path).codec();
    for (const CodedPacket& packet : ReadPackets(path)) {
      for (const ByteView nal : SplitNalUnits(packet.bytes, NalFraming{})) {
        if (!IsSei(codec, nal)) continue;
        ++seen;
        EXPECT_EQ(WriteSei(codec, nal, ParseSei(codec, nal)), Bytes(nal.begin(), nal.end()));
      }
    }
  }
  EXPECT_GT(seen, 40);
}

TEST(Sei, LeavesOutAMessageThatIsCutOff) {
  const Bytes nal = {0x06, 6, 1, 0xc4, 5, 20, 1, 2, 3};
  const std::vector<SeiMessage> messages = ParseSei(NalCodec::kH264, nal);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].type, kSeiRecoveryPoint);
  EXPECT_TRUE(ParseSei(NalCodec::kH264, Bytes{0x06, 255, 255}).empty());
  EXPECT_TRUE(ParseSei(NalCodec::kH264, Bytes{0x06}).empty());
}

TEST(Sei, ReadsARecoveryPoint) {
  // ue(v) 3 = 00100, exact_match 1, broken_link 0, changing_slice_group_idc 00, stop bit.
  const RecoveryPoint point = ParseRecoveryPoint({.type = 6, .payload = {0b00100100, 0b10000000}});
  EXPECT_EQ(point.recovery_frame_count, 3);
  EXPECT_TRUE(point.exact_match);
  EXPECT_FALSE(point.broken_link);
  EXPECT_THROW(ParseRecoveryPoint({.type = 6}), Error);
}

}  // namespace
}  // namespace opencut
