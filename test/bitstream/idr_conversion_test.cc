#include "bitstream/idr_conversion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "base/error.h"
#include "bitstream/access_unit.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
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
        std::count_if(packets.begin(), packets.end(),
                      [&](const CodedPacket& other) { return other.pts < packets[packet].pts; }));
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
  return ReadOpenGops(MakeClip(
      "open.mp4", "-c:v libx264 " + more + " -x264-params open-gop=1:" + x264, "160x96", frames));
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

// The lower order of the two fields of a frame, which has to be 0 for an IDR picture (8.2.1).
int LowerFieldOrder(const OpenGops& clip, const Bytes& idr) {
  const H264Sets sets = ParseH264Sets(clip.sets);
  for (const ByteView nal : SplitNalUnits(idr, NalFraming())) {
    if (!IsSlice(NalCodec::kH264, nal)) continue;
    const H264SliceHeader header = ParseH264SliceHeader(nal, sets);
    return static_cast<int>(header.pic_order_cnt_lsb) +
           std::min(0, header.delta_pic_order_cnt_bottom);
  }
  return -1;
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
    EXPECT_EQ(LowerFieldOrder(clip, converted.samples.front()), 0);
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

// What the conversion of the clip's second open I picture says when it gives up; "" where it does
// not. `change` may alter the packets.
template <typename Change>
std::string RefusalOf(OpenGops clip, const Change& change) {
  change(clip);
  try {
    ConvertFrom(clip, clip.intra.at(1));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

OpenGops UsualClip(const std::string& more = "") {
  return MakeOpenGops("keyint=12:min-keyint=12:b-adapt=0:bframes=3" + more, 60);
}

// The sample with `alter` applied to its only slice.
template <typename Alter>
Bytes WithSlice(const OpenGops& clip, const Bytes& sample, const Alter& alter) {
  Bytes out;
  const H264Sets sets = ParseH264Sets(clip.sets);
  for (const ByteView nal : SplitNalUnits(sample, NalFraming())) {
    if (IsSlice(NalCodec::kH264, nal)) {
      AppendLengthPrefixed(alter(nal, ParseH264SliceHeader(nal, sets)), out);
    } else {
      AppendLengthPrefixed(nal, out);
    }
  }
  return out;
}

TEST(IdrConversion, GoesThroughWhereNothingIsInTheWay) {
  EXPECT_EQ(RefusalOf(UsualClip(), [](OpenGops&) {}), "");
}

TEST(IdrConversion, IsRefusedForAPictureThatIsNoOpenIPicture) {
  const OpenGops clip = UsualClip();
  IdrConversion conversion(clip.sets, NalFraming());
  EXPECT_THROW(IdrConversion(conversion).Begin(clip.packets[0].bytes, 1), Error);  // IDR
  conversion.Follow(clip.packets[0].bytes);
  EXPECT_THROW(IdrConversion(conversion).Begin(clip.packets[1].bytes, 1), Error);  // P
}

TEST(IdrConversion, IsRefusedWherePicturesAreMissing) {
  const std::string refusal = RefusalOf(UsualClip(":b-pyramid=none"), [](OpenGops& clip) {
    // The first picture for reference behind it.
    std::size_t i = clip.intra[1] + 1;
    while ((clip.packets[i].bytes[4] & 0x60) == 0) ++i;
    clip.packets.erase(clip.packets.begin() + static_cast<std::ptrdiff_t>(i));
  });
  EXPECT_EQ(refusal, "pictures are missing from it");
}

TEST(IdrConversion, IsRefusedWhereAPictureBeforeItIsShownBehindIt) {
  const std::string refusal = RefusalOf(UsualClip(":b-pyramid=none"), [](OpenGops& clip) {
    const std::size_t intra = clip.intra[1];
    std::size_t late = intra + 1;
    const auto is_reference = [&] { return (clip.packets[late].bytes[4] & 0x60) != 0; };
    while (is_reference() || clip.packets[late].pts < clip.packets[intra].pts) ++late;
    clip.packets[intra - 1] = clip.packets[late];
  });
  EXPECT_EQ(refusal, "a picture that comes before it in the stream is shown behind it");
}

TEST(IdrConversion, IsRefusedWhereParameterSetsChange) {
  const std::string refusal = RefusalOf(UsualClip(), [](OpenGops& clip) {
    Bytes other = clip.sets.pps.front();
    other.back() = static_cast<std::uint8_t>(other.back() ^ 0x10);
    AppendLengthPrefixed(other, clip.packets[clip.intra[1] + 2].bytes);
  });
  EXPECT_EQ(refusal, "its parameter sets change");
}

TEST(IdrConversion, IsRefusedWhereSamplesHoldMoreThanOnePicture) {
  const std::string refusal = RefusalOf(UsualClip(), [](OpenGops& clip) {
    Bytes& sample = clip.packets[clip.intra[1] + 1].bytes;
    const Bytes& next = clip.packets[clip.intra[1] + 2].bytes;
    sample.insert(sample.end(), next.begin(), next.end());
  });
  EXPECT_EQ(refusal, "a sample holds two pictures");
}

TEST(IdrConversion, IsRefusedForScalableAndAuxiliaryParts) {
  for (const int type : {2, 14, 19, 20, 21}) {
    const std::string refusal = RefusalOf(UsualClip(), [&](OpenGops& clip) {
      AppendLengthPrefixed(Bytes{static_cast<std::uint8_t>(0x60 | type), 0x80},
                           clip.packets[clip.intra[1] + 1].bytes);
    });
    EXPECT_EQ(refusal, "its pictures have parts beside the usual slices") << type;
  }
}

TEST(IdrConversion, IsRefusedWhereLongTermReferencesAreUsed) {
  const std::string refusal = RefusalOf(UsualClip(), [](OpenGops& clip) {
    clip.packets[0].bytes =
        WithSlice(clip, clip.packets[0].bytes, [](ByteView nal, const H264SliceHeader& header) {
          Bytes raw = StripEmulationPrevention(nal);
          const std::size_t flag = header.marking_bits.begin + 1;  // long_term_reference_flag
          raw[flag / 8] = static_cast<std::uint8_t>(raw[flag / 8] | 0x80 >> flag % 8);
          return InsertEmulationPrevention(raw);
        });
  });
  EXPECT_EQ(refusal, "long-term reference pictures are used");
}

TEST(IdrConversion, IsRefusedWherePicturesMayBeCodedTwice) {
  const std::string refusal = RefusalOf(UsualClip(), [](OpenGops& clip) {
    const auto with_count = [](ByteView nal, const H264SliceHeader& header) {
      const Bytes raw = StripEmulationPrevention(nal);
      BitReader reader(raw);
      BitWriter writer;
      writer.CopyBits(reader, header.pic_order_cnt_lsb_bits.end);
      writer.WriteUe(0);  // redundant_pic_cnt
      writer.CopyBits(reader, reader.remaining());
      return InsertEmulationPrevention(writer.bytes());
    };
    for (CodedPacket& packet : clip.packets) {
      packet.bytes = WithSlice(clip, packet.bytes, with_count);
    }
    Bytes& pps = clip.sets.pps.front();
    BitReader reader(pps);
    reader.SkipBits(8);
    for (int i = 0; i < 2; ++i) reader.ReadUe();  // The ids.
    reader.SkipBits(2);
    for (int i = 0; i < 3; ++i) reader.ReadUe();  // Slice groups and default reference counts.
    reader.SkipBits(3);
    for (int i = 0; i < 3; ++i) reader.ReadSe();
    const std::size_t flag = reader.position() + 2;  // redundant_pic_cnt_present_flag
    pps[flag / 8] = static_cast<std::uint8_t>(pps[flag / 8] | 0x80 >> flag % 8);
  });
  EXPECT_EQ(refusal, "its pictures may be coded twice");
}

// The pictures that follow one another are two, two and six counts apart, by turns (8.2.1.2).
TEST(IdrConversion, IsRefusedWhereTheOrderOfDisplayDependsOnPicturesThatAreLeftOut) {
  const std::string x264 = "keyint=250:min-keyint=125:scenecut=80:ref=1:bframes=0";
  const OpenGops scenes = ReadOpenGops(MakeClip("counted.mp4",
                                                "-vf \"negate=enable='gte(mod(n\\,16)\\,8)'\" -c:v "
                                                "libx264 -profile:v baseline -x264-params " +
                                                    x264,
                                                "160x96", 40));
  EXPECT_EQ(RefusalOf(scenes, [](OpenGops&) {}), "");
  const std::string refusal = RefusalOf(scenes, [](OpenGops& clip) {
    const Bytes raw = StripEmulationPrevention(clip.sets.sps.front());
    BitReader reader(raw);
    BitWriter writer;
    writer.CopyBits(reader, 32);
    for (int i = 0; i < 2; ++i) writer.WriteUe(reader.ReadUe());  // Its id, log2_max_frame_num.
    ASSERT_EQ(reader.ReadUe(), 2u);
    writer.WriteUe(1);       // pic_order_cnt_type
    writer.WriteFlag(true);  // delta_pic_order_always_zero_flag
    for (int i = 0; i < 2; ++i) writer.WriteSe(0);
    writer.WriteUe(3);  // num_ref_frames_in_pic_order_cnt_cycle
    for (const int offset : {2, 2, 6}) writer.WriteSe(offset);
    writer.CopyBits(reader, reader.remaining());
    clip.sets.sps.front() = InsertEmulationPrevention(writer.bytes());
  });
  EXPECT_EQ(refusal, "its order of display depends on pictures that are left out");
}

TEST(IdrConversion, IsRefusedForPicturesCodedAsFields) {
  const OpenGops usual = UsualClip(":interlaced=1");
  const std::string refusal = RefusalOf(usual, [](OpenGops& clip) {
    Bytes& sample = clip.packets[clip.intra[1] + 1].bytes;
    sample = WithSlice(clip, sample, [](ByteView nal, const H264SliceHeader& header) {
      const Bytes raw = StripEmulationPrevention(nal);
      BitReader reader(raw);
      BitWriter writer;
      writer.CopyBits(reader, header.frame_num_bits.end);
      writer.WriteBits(2, 2);  // field_pic_flag, bottom_field_flag
      reader.SkipBits(1);
      writer.CopyBits(reader, header.pic_order_cnt_lsb_bits.end - reader.position());
      reader.ReadSe();  // delta_pic_order_cnt_bottom, which fields have not
      writer.CopyBits(reader, reader.remaining());
      return InsertEmulationPrevention(writer.bytes());
    });
  });
  EXPECT_EQ(refusal, "its pictures are coded as fields");
}

TEST(IdrConversion, LeavesIdrPicturesAndAllBehindThemAsTheyAre) {
  const OpenGops clip = UsualClip();
  IdrConversion conversion(clip.sets, NalFraming());
  conversion.Follow(clip.packets[0].bytes);
  const std::size_t intra = clip.intra[0];
  for (std::size_t i = 1; i < intra; ++i) conversion.Follow(clip.packets[i].bytes);
  conversion.Begin(clip.packets[intra].bytes, 1);
  EXPECT_EQ(conversion.Convert(clip.packets[0].bytes), clip.packets[0].bytes);
  EXPECT_TRUE(conversion.is_clean());
  EXPECT_EQ(conversion.Convert(clip.packets[1].bytes), clip.packets[1].bytes);
}

TEST(IdrConversion, LeavesAllBehindAPictureThatUnmarksTheOthersAsItIs) {
  const OpenGops clip = UsualClip();
  const std::size_t intra = clip.intra.at(1);
  IdrConversion conversion(clip.sets, NalFraming());
  for (std::size_t i = 0; i < intra; ++i) conversion.Follow(clip.packets[i].bytes);
  conversion.Begin(clip.packets[intra].bytes, 1);
  std::size_t i = intra + 1;
  for (; !conversion.is_clean() || (clip.packets[i].bytes[4] & 0x60) == 0; ++i) {
    const Bytes& sample = clip.packets[i].bytes;
    if (clip.packets[i].pts < clip.packets[intra].pts) {
      conversion.LeaveOut(sample);
    } else {
      conversion.Convert(sample);
    }
  }
  const auto unmark = [](ByteView nal, const H264SliceHeader& header) {
    const Bytes raw = StripEmulationPrevention(nal);
    BitReader reader(raw);
    BitWriter writer;
    writer.CopyBits(reader, header.marking_bits.begin);
    writer.WriteFlag(true);
    writer.WriteUe(5);
    writer.WriteUe(0);
    reader.SkipBits(header.marking_bits.end - header.marking_bits.begin);
    writer.CopyBits(reader, reader.remaining());
    return InsertEmulationPrevention(writer.bytes());
  };
  const Bytes unmarking = WithSlice(clip, clip.packets[i].bytes, unmark);
  EXPECT_NE(conversion.Convert(unmarking), unmarking);
  const Bytes& behind = clip.packets[i + 1].bytes;
  EXPECT_EQ(conversion.Convert(behind), behind);
}

TEST(IdrConversion, FollowsFromTheFirstBytesOfSamplesAlone) {
  const OpenGops clip = UsualClip();
  IdrConversion whole(clip.sets, NalFraming());
  IdrConversion start(clip.sets, NalFraming());
  whole.Follow(clip.packets[0].bytes);
  start.Follow(clip.packets[0].bytes);
  for (std::size_t i = 1; i < clip.intra[0]; ++i) {
    const ByteView bytes = clip.packets[i].bytes;
    whole.Follow(bytes);
    start.Follow(bytes.first(std::min<std::size_t>(bytes.size(), 100)), SampleExtent::kStart);
  }
  const Bytes& intra = clip.packets[clip.intra[0]].bytes;
  EXPECT_EQ(start.Begin(intra, 3), whole.Begin(intra, 3));
}

// Scenes that come back, many references: P pictures behind a scene's I picture do refer to the
// scene before. No decoder would say so.
TEST(IdrConversion, IsNotProvenWherePicturesBehindReferToPicturesBefore) {
  const OpenGops clip = ReadOpenGops(
      MakeClip("scenes.mp4",
               "-vf \"negate=enable='gte(mod(n\\,16)\\,8)'\" -c:v libx264 -x264-params "
               "keyint=250:min-keyint=125:scenecut=80:ref=16:bframes=0",
               "160x96", 60));
  ASSERT_FALSE(clip.intra.empty());
  const std::vector<std::string> source = FrameHashes("-ignore_editlist 1 -i '" + clip.path + "'");
  bool differed = false;
  for (const std::size_t intra : clip.intra) {
    const Converted converted = ConvertFrom(clip, intra);
    EXPECT_FALSE(converted.proven);
    const std::vector<std::string> wanted(
        source.begin() + static_cast<std::ptrdiff_t>(clip.RankOf(intra)), source.end());
    differed = differed || Decoded(clip, converted, 1) != wanted;
  }
  EXPECT_TRUE(differed);
}

}  // namespace
}  // namespace opencut
