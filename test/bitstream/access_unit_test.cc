#include "bitstream/access_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

struct Described {
  std::vector<AccessUnit> units;
  std::vector<CodedPacket> packets;
  std::vector<TracedUnit> trace;
};

Described Describe(const std::string& path) {
  const ProbedStream stream = Probe(path);
  const Extradata extradata = ParseExtradata(stream.codec(), stream.extradata);
  const AccessUnitClassifier classifier(extradata.sets, extradata.framing);
  Described described{.units = {}, .packets = ReadPackets(path), .trace = TraceHeaders(path)};
  for (const CodedPacket& packet : described.packets) {
    described.units.push_back(classifier.Classify(packet.bytes));
  }
  return described;
}

// The kind that the first slice header of each packet has by ffmpeg's reading.
std::vector<PictureKind> TracedH264Kinds(const Described& described) {
  std::vector<PictureKind> kinds(described.packets.size(), PictureKind::kNoPicture);
  for (const TracedUnit& unit : described.trace) {
    if (unit.title != "Slice Header") continue;
    PictureKind& kind = kinds.at(static_cast<std::size_t>(unit.packet));
    if (kind != PictureKind::kNoPicture) continue;
    const bool is_intra = unit.values.at("slice_type") % 5 == 2;
    kind = unit.values.at("nal_unit_type") == 5 ? PictureKind::kIdr
           : is_intra                           ? PictureKind::kIntra
                                                : PictureKind::kOther;
  }
  return kinds;
}

std::vector<PictureKind> Kinds(const std::vector<AccessUnit>& units) {
  std::vector<PictureKind> kinds;
  for (const AccessUnit& unit : units) kinds.push_back(unit.kind);
  return kinds;
}

class H264AccessUnits : public ::testing::TestWithParam<ClipCase> {};

TEST_P(H264AccessUnits, AreWhatTraceHeadersReads) {
  const ClipCase& clip = GetParam();
  const Described described = Describe(MakeClip(clip.name + ".mp4", clip.options, clip.size, 40));
  EXPECT_EQ(Kinds(described.units), TracedH264Kinds(described));
  std::vector<std::optional<std::int64_t>> recovery(described.units.size());
  for (const TracedUnit& unit : described.trace) {
    const auto count = unit.values.find("recovery_frame_cnt");
    if (count != unit.values.end()) recovery[static_cast<std::size_t>(unit.packet)] = count->second;
    if (unit.title != "Slice Header") continue;
    const AccessUnit& described_unit = described.units[static_cast<std::size_t>(unit.packet)];
    EXPECT_EQ(described_unit.is_reference, unit.values.at("nal_ref_idc") != 0);
    const auto field = unit.values.find("field_pic_flag");
    EXPECT_EQ(described_unit.is_field, field != unit.values.end() && field->second == 1);
  }
  for (std::size_t i = 0; i < recovery.size(); ++i) {
    const std::optional<RecoveryPoint>& point = described.units[i].recovery_point;
    ASSERT_EQ(point.has_value(), recovery[i].has_value()) << i;
    if (point) {
      EXPECT_EQ(point->recovery_frame_count, *recovery[i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    X264, H264AccessUnits,
    ::testing::Values(
        ClipCase{"au-closed", "-c:v libx264 -x264-params keyint=12:bframes=3:scenecut=0"},
        ClipCase{"au-open", "-c:v libx264 -x264-params keyint=12:bframes=3:open-gop=1:scenecut=0"},
        ClipCase{"au-slices", "-c:v libx264 -x264-params keyint=12:slices=4:cabac=0"},
        ClipCase{"au-intra-refresh", "-c:v libx264 -x264-params keyint=12:intra-refresh=1"},
        ClipCase{"au-mbaff", "-c:v libx264 -flags +ildct+ilme -x264-params keyint=12"}),
    CaseName);

// The first IDR picture is the only one; the others are recovery points at I frames.
TEST(AccessUnitClassifier, TellsRecoveryPointsFromIdr) {
  const Described described = Describe(
      MakeClip("au-open.mp4", "-c:v libx264 -x264-params keyint=12:bframes=3:open-gop=1:scenecut=0",
               "160x96", 40));
  const std::vector<PictureKind> kinds = Kinds(described.units);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), PictureKind::kIdr), 1);
  int points = 0;
  for (const AccessUnit& unit : described.units) {
    if (!unit.recovery_point) continue;
    ++points;
    EXPECT_EQ(unit.kind, PictureKind::kIntra);
    EXPECT_EQ(unit.recovery_point->recovery_frame_count, 0);
    EXPECT_FALSE(unit.recovery_point->broken_link);
    EXPECT_TRUE(unit.is_reference);
  }
  EXPECT_EQ(points, 3);
}

std::vector<PictureKind> TracedHevcKinds(const Described& described) {
  std::vector<PictureKind> kinds(described.packets.size(), PictureKind::kNoPicture);
  for (const TracedUnit& unit : described.trace) {
    if (unit.title != "Slice Segment Header") continue;
    const std::int64_t type = unit.values.at("nal_unit_type");
    kinds.at(static_cast<std::size_t>(unit.packet)) = type >= 19 && type <= 20   ? PictureKind::kIdr
                                                      : type == 21               ? PictureKind::kCra
                                                      : type >= 16 && type <= 18 ? PictureKind::kBla
                                                      : type == 8 || type == 9 ? PictureKind::kRasl
                                                      : type == 6 || type == 7
                                                          ? PictureKind::kRadl
                                                          : PictureKind::kOther;
  }
  return kinds;
}

void ExpectHevcKinds(const std::string& path, std::vector<PictureKind> to_be_seen) {
  const Described described = Describe(path);
  const std::vector<PictureKind> kinds = Kinds(described.units);
  EXPECT_EQ(kinds, TracedHevcKinds(described)) << path;
  for (const PictureKind kind : to_be_seen) {
    EXPECT_NE(std::count(kinds.begin(), kinds.end(), kind), 0) << path;
  }
}

TEST(AccessUnitClassifier, KnowsTheKindsOfHevcPictures) {
  const std::string x265 = "-c:v libx265 -preset veryfast -x265-params log-level=error:";
  ExpectHevcKinds(MakeClip("au-cra.mp4", x265 + "keyint=12:bframes=3:open-gop=1", "160x96", 40),
                  {PictureKind::kIdr, PictureKind::kCra, PictureKind::kRasl, PictureKind::kOther});
  ExpectHevcKinds(MakeClip("au-idr.mp4", x265 + "keyint=12:bframes=3:open-gop=0", "160x96", 40),
                  {PictureKind::kIdr, PictureKind::kOther});
  ExpectHevcKinds(MakeClip("au-radl.mp4",
                           x265 + "keyint=12:bframes=3:open-gop=0:radl=2:min-keyint=12:scenecut=0",
                           "160x96", 40),
                  {PictureKind::kIdr, PictureKind::kRadl, PictureKind::kOther});
}

// ffmpeg leaves out the pictures that no other refers to when told so.
TEST(AccessUnitClassifier, KnowsHevcReferences) {
  const std::string path =
      MakeClip("au-refs.mp4", "-c:v libx265 -x265-params log-level=error:bframes=3:b-pyramid=1",
               "160x96", 40);
  const std::string count = RunCommand(
      "ffprobe -v error -skip_frame noref -count_frames -show_entries stream=nb_read_frames "
      "-of csv=p=0 '" +
      path + "'");
  const std::vector<AccessUnit> units = Describe(path).units;
  const auto is_reference = [](const AccessUnit& unit) { return unit.is_reference; };
  EXPECT_EQ(std::count_if(units.begin(), units.end(), is_reference), std::stoi(count));
  EXPECT_LT(std::stoi(count), 40);
}

TEST(AccessUnitClassifier, SeesHevcFields) {
  const std::string x265 = "-c:v libx265 -x265-params log-level=error:";
  EXPECT_TRUE(Describe(MakeClip("au-fields.mp4", x265 + "interlace=tff")).units.at(0).is_field);
  EXPECT_FALSE(Describe(MakeClip("au-frames.mp4", x265 + "bframes=0")).units.at(0).is_field);
}

TEST(AccessUnitClassifier, KnowsTheKindsOfRealHevcPictures) {
  int checked = 0;
  for (const std::string name :
       {"hevc-open-gop-rasl-720p-aac.mp4", "hevc-iphone-720p-vfr-rot90-rasl.mov"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    ++checked;
    ExpectHevcKinds(*path, {PictureKind::kCra, PictureKind::kRasl, PictureKind::kOther});
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

// Broadcast material: MBAFF, one IDR picture and five recovery points.
TEST(AccessUnitClassifier, KnowsARealOpenGop) {
  const std::optional<std::string> path = SharedFile("h264-open-gop-interlaced-tff-360p.mp4");
  if (!path) GTEST_SKIP() << "the shared media files are not here";
  const Described described = Describe(*path);
  EXPECT_EQ(Kinds(described.units), TracedH264Kinds(described));
  const auto has_point = [](const AccessUnit& unit) { return unit.recovery_point.has_value(); };
  EXPECT_GE(std::count_if(described.units.begin(), described.units.end(), has_point), 5);
}

TEST(AccessUnitClassifier, ComparesSetsInTheSampleWithTheHeader) {
  const std::string path = MakeClip(
      "au-closed.mp4", "-c:v libx264 -x264-params keyint=12:bframes=3:scenecut=0", "160x96", 40);
  const ParameterSets sets = Probe(path).sets();
  const AccessUnitClassifier classifier(sets, NalFraming{});
  const Bytes idr = ReadPackets(path).at(0).bytes;
  EXPECT_THAT(classifier.Classify(idr).in_band_sets, IsEmpty());

  Bytes repeated;
  AppendLengthPrefixed(sets.sps.at(0), repeated);
  AppendLengthPrefixed(sets.pps.at(0), repeated);
  repeated.insert(repeated.end(), idr.begin(), idr.end());
  const InBandSet same_sps{.nal_type = 7, .id = 0, .relation = SetRelation::kSame};
  const InBandSet same_pps{.nal_type = 8, .id = 0, .relation = SetRelation::kSame};
  EXPECT_THAT(classifier.Classify(repeated).in_band_sets, ElementsAre(same_sps, same_pps));
  EXPECT_EQ(classifier.Classify(repeated).kind, PictureKind::kIdr);

  const ParameterSets other =
      Probe(MakeClip("au-other.mp4", "-c:v libx264 -x264-params cabac=0:ref=1")).sets();
  Bytes changed;
  AppendLengthPrefixed(sets.sps.at(0), changed);
  AppendLengthPrefixed(other.pps.at(0), changed);
  changed.insert(changed.end(), idr.begin(), idr.end());
  const InBandSet other_pps{.nal_type = 8, .id = 0, .relation = SetRelation::kReplaces};
  EXPECT_THAT(classifier.Classify(changed).in_band_sets, ElementsAre(same_sps, other_pps));
}

TEST(AccessUnitClassifier, TellsTheSetsAtTheStartOfASampleThatWasReadInPart) {
  const ParameterSets sets = Probe(MakeClip("au-other.mp4", "-c:v libx264")).sets();
  const std::string path = MakeClip("au-sps-9.mp4", "-c:v libx264 -x264-params sps-id=9");
  const ParameterSets other = Probe(path).sets();
  const AccessUnitClassifier classifier(sets, NalFraming{});
  Bytes sample;
  AppendLengthPrefixed(other.sps.at(0), sample);
  AppendLengthPrefixed(other.pps.at(0), sample);
  const std::size_t behind_sets = sample.size();
  const Bytes idr = ReadPackets(path).at(0).bytes;
  sample.insert(sample.end(), idr.begin(), idr.end());
  const InBandSet sps{.nal_type = 7, .id = 9, .relation = SetRelation::kAdds};
  const InBandSet pps{.nal_type = 8, .id = 9, .relation = SetRelation::kAdds};
  const auto found = [&](std::size_t bytes) {
    return classifier.SetsAtStart(ByteView(sample).first(bytes));
  };
  for (std::size_t bytes = 0; bytes <= behind_sets; ++bytes) EXPECT_FALSE(found(bytes)) << bytes;
  EXPECT_THAT(found(sample.size()), Optional(ElementsAre(sps, pps)));
}

TEST(AccessUnitClassifier, UsesSetsThatOnlyTheSampleHas) {
  const std::string path = MakeClip("au-sps-9.mp4", "-c:v libx264 -x264-params sps-id=9");
  const ParameterSets sets = Probe(path).sets();
  const ParameterSets other = Probe(MakeClip("au-other.mp4", "-c:v libx264")).sets();
  const AccessUnitClassifier classifier(other, NalFraming{});
  const Bytes idr = ReadPackets(path).at(0).bytes;
  EXPECT_THROW(classifier.Classify(idr), Error);
  Bytes with_sets;
  AppendLengthPrefixed(sets.sps.at(0), with_sets);
  AppendLengthPrefixed(sets.pps.at(0), with_sets);
  with_sets.insert(with_sets.end(), idr.begin(), idr.end());
  EXPECT_EQ(classifier.Classify(with_sets).kind, PictureKind::kIdr);
}

// No encoder here codes fields, so a field's slice is made of that of an MBAFF frame; ffmpeg's own
// reading of the result says whether the right bits were set.
class FieldSlices : public ::testing::Test {
 protected:
  // In a sample of its own, with a length before it.
  Bytes Field(bool is_bottom, std::uint32_t frame_num, bool is_idr = true) const {
    for (const ByteView nal : SplitNalUnits(packets_.at(0).bytes, NalFraming{})) {
      if (!IsSlice(NalCodec::kH264, nal)) continue;
      Bytes sample;
      AppendLengthPrefixed(OfFrame(nal, is_bottom, frame_num, is_idr), sample);
      return sample;
    }
    throw std::runtime_error("the clip has no slice");
  }

  // REQUIRES: the slice of an IDR frame.
  Bytes OfFrame(ByteView slice, bool is_bottom, std::uint32_t frame_num, bool is_idr) const {
    const Bytes raw = StripEmulationPrevention(slice);
    BitReader reader(raw);
    BitWriter writer;
    const auto header = static_cast<std::uint32_t>(H264NalType::kSlice);
    writer.WriteBits(is_idr ? reader.ReadBits(8) : 0x60 | header, 8);
    if (!is_idr) reader.SkipBits(8);
    for (int i = 0; i < 3; ++i) writer.WriteUe(reader.ReadUe());  // Up to pic_parameter_set_id.
    reader.SkipBits(static_cast<std::size_t>(sps_.frame_num_bits));
    writer.WriteBits(frame_num, sps_.frame_num_bits);
    EXPECT_FALSE(reader.ReadFlag());
    writer.WriteBits(is_bottom ? 0b11 : 0b10, 2);  // field_pic_flag, bottom_field_flag
    const std::uint32_t idr_pic_id = reader.ReadUe();
    if (is_idr) writer.WriteUe(idr_pic_id);
    writer.CopyBits(reader, static_cast<std::size_t>(sps_.pic_order_cnt_bits));
    reader.ReadSe();  // delta_pic_order_cnt_bottom, which only frames have.
    writer.CopyBits(reader, reader.remaining());
    return InsertEmulationPrevention(writer.bytes());
  }

  AccessUnit Classify(const Bytes& sample) const { return classifier_.Classify(sample); }

  const std::string path_ = MakeClip(
      "au-mbaff.mp4", "-c:v libx264 -flags +ildct+ilme -x264-params keyint=12", "160x96", 40);
  const std::vector<CodedPacket> packets_ = ReadPackets(path_);
  const ParameterSets sets_ = Probe(path_).sets();
  const H264Sps sps_ = ParseH264Sps(sets_.sps.at(0));
  const AccessUnitClassifier classifier_{sets_, NalFraming{}};
};

Bytes Together(const Bytes& first, const Bytes& second) {
  Bytes sample = first;
  sample.insert(sample.end(), second.begin(), second.end());
  return sample;
}

TEST_F(FieldSlices, AreSeenAndFfmpegSeesThemToo) {
  const Bytes sample = Field(true, 3);
  const AccessUnit unit = Classify(sample);
  EXPECT_TRUE(unit.is_field);
  ASSERT_TRUE(unit.lone_field);
  EXPECT_TRUE(unit.lone_field->is_bottom);
  EXPECT_EQ(unit.lone_field->frame_num, 3u);
  EXPECT_FALSE(Classify(packets_.at(0).bytes).lone_field);

  const std::string annexb = TemporaryPath("field.h264");
  WriteFile(annexb, ToAnnexB(sets_, {sample}));
  const std::vector<TracedUnit> trace = TraceHeaders(annexb);
  const auto& traced = FindTraced(trace, "Slice Header").values;
  EXPECT_EQ(traced.at("field_pic_flag"), 1);
  EXPECT_EQ(traced.at("bottom_field_flag"), 1);
  EXPECT_EQ(traced.at("frame_num"), 3);
}

// Of an IDR picture in fields the second one is a slice of type 1, which may refer to the first.
TEST_F(FieldSlices, OfBothKindsInOneSampleAreAFrameOfTheFirstOnesKind) {
  const AccessUnit idr = Classify(Together(Field(false, 0), Field(true, 0, false)));
  EXPECT_EQ(idr.kind, PictureKind::kIdr);
  EXPECT_TRUE(idr.is_field);
  EXPECT_FALSE(idr.lone_field);
  const AccessUnit intra = Classify(Together(Field(true, 5, false), Field(false, 5, false)));
  EXPECT_EQ(intra.kind, PictureKind::kIntra);
  EXPECT_FALSE(intra.lone_field);
}

TEST_F(FieldSlices, OfOneFieldDoNotMakeAFrame) {
  const AccessUnit unit = Classify(Together(Field(false, 0), Field(false, 0)));
  ASSERT_TRUE(unit.lone_field);
  EXPECT_FALSE(unit.lone_field->is_bottom);
}

TEST_F(FieldSlices, DoNotTellByTheStartOfASample) {
  const Bytes pair = Together(Field(false, 0), Field(true, 0, false));
  const std::size_t first = Field(false, 0).size();
  EXPECT_FALSE(classifier_.ClassifyStart(ByteView(pair).first(first)));
  EXPECT_FALSE(classifier_.ClassifyStart(ByteView(pair).first(first + 4)));
  const std::optional<AccessUnit> whole = classifier_.ClassifyStart(pair);
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->lone_field);
}

TEST_F(FieldSlices, ArePairsNextToEachOther) {
  const auto is_pair = [&](const Bytes& first, const Bytes& second) {
    return IsFieldPair(Classify(first), Classify(second));
  };
  EXPECT_TRUE(is_pair(Field(false, 0), Field(true, 0, false)));
  EXPECT_TRUE(is_pair(Field(true, 7, false), Field(false, 7, false)));
  EXPECT_FALSE(is_pair(Field(false, 7, false), Field(false, 7, false)));
  EXPECT_FALSE(is_pair(Field(false, 7, false), Field(true, 8, false)));
  EXPECT_FALSE(is_pair(Field(false, 0, false), Field(true, 0)));  // An IDR picture begins anew.
  const Bytes pair = Together(Field(false, 0), Field(true, 0, false));
  EXPECT_FALSE(is_pair(pair, Field(true, 0, false)));
  EXPECT_FALSE(is_pair(packets_.at(0).bytes, Field(true, 0, false)));
}

TEST(AccessUnitClassifier, SaysWhenThereIsNoPicture) {
  const ParameterSets sets = Probe(MakeClip("au-other.mp4", "-c:v libx264")).sets();
  const AccessUnitClassifier classifier(sets, NalFraming{});
  EXPECT_EQ(classifier.Classify({}).kind, PictureKind::kNoPicture);
  EXPECT_EQ(classifier.Classify(Bytes{0, 0, 0, 2, 9, 0xf0}).kind, PictureKind::kNoPicture);
  EXPECT_THROW(classifier.Classify(Bytes{0, 0, 0, 9, 9, 0xf0}), Error);
}

TEST(ClassifyStart, TellsWhatTheWholeSampleDoesOrNothing) {
  for (const char* codec : {"libx264", "libx265"}) {
    const std::string name = std::string("start-") + codec + ".mp4";
    const std::string path =
        MakeClip(name, std::string("-c:v ") + codec + " -g 10 -bf 2", "160x96", 25);
    const Extradata headers = ParseExtradata(Probe(path).codec(), Probe(path).extradata);
    const AccessUnitClassifier classifier(headers.sets, headers.framing);
    int told = 0;
    for (const CodedPacket& packet : ReadPackets(path)) {
      const PictureKind whole = classifier.Classify(packet.bytes).kind;
      for (std::size_t size = 0; size <= packet.bytes.size(); ++size) {
        const auto unit = classifier.ClassifyStart(ByteView(packet.bytes).first(size));
        if (!unit) continue;
        ASSERT_EQ(unit->kind, whole) << size << " of " << packet.bytes.size() << " bytes";
        ++told;
      }
      ASSERT_TRUE(classifier.ClassifyStart(packet.bytes)) << "the whole tells";
    }
    EXPECT_GT(told, 1000);
  }
}

}  // namespace
}  // namespace opencut
