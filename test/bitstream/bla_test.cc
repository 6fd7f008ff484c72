#include "bitstream/bla.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "bitstream/access_unit.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

struct OpenGops {
  ParameterSets sets;
  std::vector<CodedPacket> packets;
  std::vector<PictureKind> kinds;

  // The second picture that decoding can start at.
  std::size_t cra() const {
    const auto found = std::find(kinds.begin() + 1, kinds.end(), PictureKind::kCra);
    return static_cast<std::size_t>(found - kinds.begin());
  }
};

OpenGops MakeOpenGops() {
  const std::string path = MakeClip(
      "bla.mp4",
      "-c:v libx265 -x265-params log-level=none:open-gop=1:keyint=12:min-keyint=12:bframes=3",
      "160x96", 40);
  OpenGops clip{.sets = Probe(path).sets(), .packets = ReadPackets(path), .kinds = {}};
  const AccessUnitClassifier classifier(clip.sets, NalFraming());
  for (const CodedPacket& packet : clip.packets) {
    clip.kinds.push_back(classifier.Classify(packet.bytes).kind);
  }
  return clip;
}

bool Leads(PictureKind kind) { return kind == PictureKind::kRasl || kind == PictureKind::kRadl; }

TEST(MakeBla, ChangesTheTypeOfTheSlicesAndNothingElse) {
  const OpenGops clip = MakeOpenGops();
  ASSERT_LT(clip.cra(), clip.packets.size());
  const Bytes& before = clip.packets[clip.cra()].bytes;
  Bytes after = before;
  MakeBla(after, NalFraming(), HevcNalType::kBlaNLp);
  ASSERT_EQ(after.size(), before.size());
  const std::vector<ByteView> was = SplitNalUnits(before, NalFraming());
  const std::vector<ByteView> is = SplitNalUnits(after, NalFraming());
  ASSERT_EQ(is.size(), was.size());
  int turned = 0;
  for (std::size_t i = 0; i < is.size(); ++i) {
    EXPECT_TRUE(std::equal(is[i].begin() + 1, is[i].end(), was[i].begin() + 1));
    if (HevcTypeOf(was[i]) == HevcNalType::kCra) {
      EXPECT_EQ(HevcTypeOf(is[i]), HevcNalType::kBlaNLp);
      EXPECT_EQ(is[i][0] & 0x81, was[i][0] & 0x81);
      ++turned;
    } else {
      EXPECT_EQ(is[i][0], was[i][0]);
    }
  }
  EXPECT_GT(turned, 0);
}

TEST(MakeBla, LeavesOtherPicturesAsTheyAre) {
  const OpenGops clip = MakeOpenGops();
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, clip.cra() + 1}) {
    Bytes after = clip.packets[i].bytes;
    MakeBla(after, NalFraming(), HevcNalType::kBlaNLp);
    EXPECT_EQ(after, clip.packets[i].bytes) << i;
  }
}

// Behind a whole stream, as after an encoded stretch: had it stayed a CRA picture, the decoder
// would take its order count to go on.
TEST(MakeBla, LetsADecoderBeginAnewBehindAnotherStream) {
  const OpenGops clip = MakeOpenGops();
  ASSERT_TRUE(std::any_of(clip.kinds.begin(), clip.kinds.end(), Leads)) << "open GOPs";
  std::vector<Bytes> samples;
  for (const CodedPacket& packet : clip.packets) samples.push_back(packet.bytes);
  std::vector<Bytes> twice = samples;
  bool leading = true;
  for (std::size_t i = clip.cra(); i < samples.size(); ++i) {
    leading = leading && (i == clip.cra() || Leads(clip.kinds[i]));
    if (leading && i != clip.cra()) continue;
    twice.push_back(samples[i]);
    if (i == clip.cra()) MakeBla(twice.back(), NalFraming(), HevcNalType::kBlaNLp);
  }
  const auto decode = [&](const char* name, const std::vector<Bytes>& stream) {
    const std::string path = TemporaryPath(name);
    WriteFile(path, ToAnnexB(clip.sets, stream));
    return FrameHashes("-i " + path);
  };
  const std::vector<std::string> once = decode("once.hevc", samples);
  const std::vector<std::string> both = decode("twice.hevc", twice);
  ASSERT_EQ(both.size(), twice.size());
  const std::size_t again = both.size() - once.size();
  EXPECT_TRUE(std::equal(once.begin(), once.end(), both.begin()));
  EXPECT_TRUE(std::equal(both.end() - static_cast<std::ptrdiff_t>(again), both.end(),
                         once.end() - static_cast<std::ptrdiff_t>(again)));
}

TEST(MakeBla, RefusesAMalformedSample) {
  Bytes sample = {0, 0, 0, 9, 0x2a, 0x01};
  EXPECT_THROW(MakeBla(sample, NalFraming(), HevcNalType::kBlaNLp), Error);
}

TEST(MakeBla, LeavesWhatIsShorterThanANalHeader) {
  const std::uint8_t cra = static_cast<std::uint8_t>(HevcNalType::kCra) << 1;
  Bytes sample = {0, 0, 0, 1, cra};
  const Bytes before = sample;
  MakeBla(sample, NalFraming(), HevcNalType::kBlaNLp);
  EXPECT_EQ(sample, before);
}

}  // namespace
}  // namespace opencut
