#include "bitstream/idr_conversion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "base/error.h"
#include "bitstream/access_unit.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

struct OpenGops {
  std::string path;
  ParameterSets sets;
  std::vector<CodedPacket> packets;
  std::vector<std::size_t> intra{};  // The I pictures that are not IDR.

  std::size_t RankOf(std::size_t packet) const {
    return static_cast<std::size_t>(
        std::count_if(packets.begin(), packets.end(), [&](const CodedPacket& other) {
          return other.pts < packets[packet].pts;
        }));
  }
};

OpenGops ReadOpenGops(const std::string& path) {
  OpenGops clip{.path = path, .sets = Probe(path).sets(), .packets = ReadPackets(path)};
  const AccessUnitClassifier classifier(clip.sets, NalFraming());
  for (std::size_t i = 0; i < clip.packets.size(); ++i) {
    if (classifier.Classify(clip.packets[i].bytes).kind == PictureKind::kIntra) {
      clip.intra.push_back(i);
    }
  }
  return clip;
}

OpenGops MakeOpenGops(const std::string& x264, int frames = 72, const std::string& more = "") {
  return ReadOpenGops(MakeClip("open.mp4",
                               "-c:v libx264 " + more + " -x264-params open-gop=1:" + x264,
                               "160x96", frames));
}

struct Converted {
  std::vector<Bytes> samples;  // From the picture that was made IDR on, without those that lead it.
  bool proven = false;
  bool clean = false;
};

// From `from`, a sync sample before it or the start, as much is simulated.
Converted ConvertFrom(const OpenGops& clip, std::size_t intra, std::size_t from = 0) {
  IdrConversion conversion(clip.sets, NalFraming());
  for (std::size_t i = from; i < intra; ++i) conversion.Follow(clip.packets[i].bytes);
  Converted converted;
  converted.samples.push_back(conversion.Begin(clip.packets[intra].bytes, 7));
  for (std::size_t i = intra + 1; i < clip.packets.size(); ++i) {
    if (clip.packets[i].pts < clip.packets[intra].pts) {
      conversion.LeaveOut(clip.packets[i].bytes);
    } else {
      converted.samples.push_back(conversion.Convert(clip.packets[i].bytes));
    }
  }
  converted.proven = conversion.is_proven();
  converted.clean = conversion.is_clean();
  return converted;
}

std::vector<std::string> Decoded(const OpenGops& clip, const Converted& converted, int threads) {
  const std::string path = TemporaryPath("converted.h264");
  WriteFile(path, ToAnnexB(clip.sets, converted.samples));
  return FrameHashes("-threads " + std::to_string(threads) + " -i '" + path + "'");
}

// That every open I picture of the clip can begin a copy, from which all frames come out as they
// do from the clip.
void ExpectAllConvert(const OpenGops& clip, const std::string& what) {
  SCOPED_TRACE(what);
  ASSERT_FALSE(clip.intra.empty());
  const std::vector<std::string> source = FrameHashes("-ignore_editlist 1 -i '" + clip.path + "'");
  ASSERT_EQ(source.size(), clip.packets.size());
  for (const std::size_t intra : clip.intra) {
    SCOPED_TRACE("packet " + std::to_string(intra));
    const Converted converted = ConvertFrom(clip, intra);
    EXPECT_TRUE(converted.proven);
    const std::vector<std::string> wanted(
        source.begin() + static_cast<std::ptrdiff_t>(clip.RankOf(intra)), source.end());
    EXPECT_EQ(Decoded(clip, converted, 1), wanted);
    EXPECT_EQ(Decoded(clip, converted, 4), wanted);
  }
}

class OpenGopMatrix : public ::testing::TestWithParam<ClipCase> {};

TEST_P(OpenGopMatrix, EveryOpenIPictureBeginsACopyThatDecodesAsTheSource) {
  ExpectAllConvert(MakeOpenGops(GetParam().options), GetParam().options);
}

INSTANTIATE_TEST_SUITE_P(
    X264, OpenGopMatrix,
    ::testing::Values(
        // Three, two, one and no pictures lead the I picture.
        ClipCase{"three-lead", "keyint=32:min-keyint=32:b-adapt=0:bframes=3:b-pyramid=normal"},
        ClipCase{"two-lead", "keyint=31:min-keyint=31:b-adapt=0:bframes=3:b-pyramid=strict"},
        ClipCase{"one-leads", "keyint=30:min-keyint=30:b-adapt=0:bframes=3:b-pyramid=none"},
        ClipCase{"none-leads", "keyint=29:min-keyint=29:b-adapt=0:bframes=3:b-pyramid=normal"},
        ClipCase{"many-references", "keyint=24:bframes=5:b-pyramid=normal:ref=16:b-adapt=0"},
        ClipCase{"one-reference", "keyint=24:bframes=2:b-pyramid=none:ref=1"},
        ClipCase{"cavlc-slices", "keyint=24:bframes=3:cabac=0:slices=4:ref=4"},
        ClipCase{"temporal-weights", "keyint=24:bframes=3:direct=temporal:weightb=1:weightp=2"},
        ClipCase{"mbaff", "keyint=24:bframes=3:interlaced=1:ref=4"},
        ClipCase{"bluray", "keyint=24:bframes=3:bluray-compat=1:slices=4:ref=4"}),
    CaseName);

int RandomCases() {
  const char* wanted = std::getenv("OPENCUT_TEST_CASES");
  return wanted != nullptr ? std::atoi(wanted) : 6;
}

std::string RandomOptions(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::to_string(std::uniform_int_distribution<int>(low, high)(random));
  };
  const auto one_of = [&](const std::vector<std::string>& of) {
    return of[std::uniform_int_distribution<std::size_t>(0, of.size() - 1)(random)];
  };
  return "keyint=" + pick(8, 40) + ":min-keyint=1:scenecut=0:bframes=" + pick(1, 5) +
         ":b-adapt=" + pick(0, 2) + ":b-pyramid=" + one_of({"none", "strict", "normal"}) +
         ":ref=" + one_of({"1", "2", "3", "4", "8", "16"}) + ":weightp=" + pick(0, 2) +
         ":weightb=" + pick(0, 1) + ":cabac=" + pick(0, 1) + ":slices=" + one_of({"1", "4"}) +
         ":direct=" + one_of({"none", "spatial", "temporal", "auto"}) +
         one_of({"", "", ":interlaced=1"}) + one_of({"", ":aud=1"}) + one_of({"", ":no-deblock=1"});
}

TEST(IdrConversion, HoldsForRandomOpenGopStreams) {
  const char* seed = std::getenv("OPENCUT_TEST_SEED");
  std::mt19937 random(seed != nullptr ? static_cast<unsigned>(std::atoi(seed)) : 1);
  for (int i = 0; i < RandomCases(); ++i) {
    const std::string options = RandomOptions(random);
    const OpenGops clip = MakeOpenGops(options, 60);
    if (!clip.intra.empty()) ExpectAllConvert(clip, options);
  }
}

}  // namespace
}  // namespace opencut
