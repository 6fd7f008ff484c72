#include "bitstream/sample_rewriter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "bitstream/sei.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

struct Source {
  std::string path;
  ParameterSets sets;
  std::vector<Bytes> samples;
};

Source Open(const std::string& path) {
  Source source{.path = path, .sets = Probe(path).sets(), .samples = {}};
  for (CodedPacket& packet : ReadPackets(path)) source.samples.push_back(std::move(packet.bytes));
  return source;
}

std::vector<Bytes> Rewrite(const Source& source, const IdMapping& mapping) {
  const SampleRewriter rewriter(source.sets, mapping, {});
  std::vector<Bytes> samples;
  for (const Bytes& sample : source.samples) {
    samples.push_back(rewriter.Rewrite(sample).value_or(sample));
  }
  return samples;
}

std::string WriteStream(const ParameterSets& sets, const std::vector<Bytes>& samples) {
  const std::string path =
      TemporaryPath(sets.codec == NalCodec::kH264 ? "stream.h264" : "stream.hevc");
  WriteFile(path, ToAnnexB(sets, samples));
  return path;
}

// Every frame of the file, whether its edit list shows it or not.
std::vector<std::string> FramesOfFile(const std::string& path) {
  return FrameHashes("-ignore_editlist 1 -i '" + path + "'");
}
std::vector<std::string> FramesOfStream(const std::string& path) {
  return FrameHashes("-i '" + path + "'");
}

// Options that begin with a hyphen are x264's whole command line, others x265's parameters.
Source OpenClip(const ClipCase& clip) {
  const bool is_hevc = clip.options.rfind("-", 0) != 0;
  return Open(MakeClip(clip.name + ".mp4", (is_hevc ? kX265 : "") + clip.options, clip.size, 30));
}

// The ids that a family with one set of each kind can be moved to.
std::vector<IdMapping> MappingsFor(const ParameterSets& sets) {
  const int pps = ParameterSetId(sets.codec, sets.pps.at(0));
  const int sps = ParameterSetId(sets.codec, sets.sps.at(0));
  // The first id whose code is 8 bits longer.
  const int low = pps == 0 ? 15 : pps <= 2 ? 31 : pps <= 6 ? 63 : 127;
  const int high = 2 * low;
  std::vector<IdMapping> mappings;
  for (const int id : {low, (low + high) / 2, high}) {
    if (sets.codec == NalCodec::kHevc && id > 63) continue;
    mappings.push_back({.vps = {{0, 3}}, .sps = {{sps, 15}}, .pps = {{pps, id}}});
  }
  return mappings;
}

class RemappedClip : public ::testing::TestWithParam<ClipCase> {};

TEST_P(RemappedClip, DecodesToTheSameFramesInSilence) {
  const Source source = OpenClip(GetParam());
  const std::vector<std::string> frames = FramesOfFile(source.path);
  EXPECT_EQ(frames.size(), source.samples.size());
  const IdMapping mapping = MappingsFor(source.sets).back();
  const std::string stream =
      WriteStream(RemapParameterSets(source.sets, mapping), Rewrite(source, mapping));
  EXPECT_EQ(FramesOfStream(stream), frames);
}

INSTANTIATE_TEST_SUITE_P(
    Encoders, RemappedClip,
    ::testing::Values(
        ClipCase{"rm-cabac", "-c:v libx264 -x264-params keyint=12:bframes=3"},
        ClipCase{"rm-cavlc", "-c:v libx264 -x264-params keyint=12:bframes=3:cabac=0"},
        ClipCase{"rm-baseline", "-c:v libx264 -profile:v baseline -pix_fmt yuv420p -g 12"},
        ClipCase{"rm-slices", "-c:v libx264 -x264-params keyint=12:slices=4"},
        ClipCase{"rm-slices-cavlc", "-c:v libx264 -x264-params keyint=12:slices=4:cabac=0"},
        ClipCase{"rm-mbaff", "-c:v libx264 -flags +ildct+ilme -x264-params keyint=12"},
        ClipCase{"rm-high10", "-c:v libx264 -pix_fmt yuv420p10le -g 12"},
        ClipCase{"rm-high444", "-c:v libx264 -pix_fmt yuv444p -g 12"},
        ClipCase{"rm-open", "-c:v libx264 -x264-params keyint=12:open-gop=1:bframes=3"},
        ClipCase{"rm-lossless", "-c:v libx264 -qp 0 -g 12"},
        ClipCase{"rm-hrd",
                 "-c:v libx264 -b:v 300k -maxrate 300k -bufsize 300k -x264-params "
                 "nal-hrd=cbr:pic-struct=1:aud=1:keyint=12"},
        ClipCase{"rm-id-1", "-c:v libx264 -x264-params sps-id=1"},
        ClipCase{"rm-id-2", "-c:v libx264 -x264-params sps-id=2:cabac=0"},
        ClipCase{"rm-id-5", "-c:v libx264 -x264-params sps-id=5"},
        ClipCase{"rm-id-9", "-c:v libx264 -x264-params sps-id=9"},
        ClipCase{"rm-hevc", "keyint=12:bframes=3:open-gop=0 -pix_fmt yuv420p"},
        ClipCase{"rm-hevc-open", "keyint=12:bframes=3:open-gop=1 -pix_fmt yuv420p"},
        ClipCase{"rm-hevc-10", "keyint=12:bframes=3 -pix_fmt yuv420p10le"},
        ClipCase{"rm-hevc-slices", "keyint=12:slices=2:wpp=1 -pix_fmt yuv420p", "160x192"},
        ClipCase{"rm-hevc-hash",
                 "keyint=12:hash=1:hrd=1:vbv-maxrate=400:vbv-bufsize=400:aud=1"
                 " -pix_fmt yuv420p"}),
    CaseName);

// ffmpeg's own reading of every header, before and after.
void ExpectOnlyIdsChange(const Source& source, const IdMapping& mapping) {
  std::vector<TracedUnit> before = TraceHeaders(WriteStream(source.sets, source.samples));
  std::vector<TracedUnit> after =
      TraceHeaders(WriteStream(RemapParameterSets(source.sets, mapping), Rewrite(source, mapping)));
  ASSERT_GT(before.size(), source.samples.size());
  ASSERT_EQ(after.size(), before.size());
  const auto ends_with = [](const std::string& name, const std::string& end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].title, before[i].title);
    for (auto& [name, value] : before[i].values) {
      if (ends_with(name, "video_parameter_set_id")) value = mapping.vps.begin()->second;
      if (ends_with(name, "seq_parameter_set_id")) value = mapping.sps.begin()->second;
      if (ends_with(name, "pic_parameter_set_id")) value = mapping.pps.begin()->second;
    }
    before[i].values.erase("rbsp_alignment_zero_bit");
    after[i].values.erase("rbsp_alignment_zero_bit");
    EXPECT_EQ(after[i].values, before[i].values);
  }
}

TEST(SampleRewriter, ChangesTheIdsInAllHeadersAndNothingElse) {
  for (const ClipCase& clip :
       {ClipCase{"rm-cavlc", "-c:v libx264 -x264-params keyint=12:bframes=3:cabac=0"},
        ClipCase{"rm-hevc", "keyint=12:bframes=3:open-gop=0 -pix_fmt yuv420p"}}) {
    const Source source = OpenClip(clip);
    for (const IdMapping& mapping : MappingsFor(source.sets)) ExpectOnlyIdsChange(source, mapping);
  }
}

// One after the other in one stream, all parameter sets in front, as in a merged avcC or hvcC.
void ExpectFamiliesPlayTogether(const std::vector<Source>& sources) {
  IdAllocation ids(sources.front().sets.codec);
  std::vector<ParameterSets> sets;
  std::vector<Bytes> samples;
  std::vector<std::string> frames;
  for (const Source& source : sources) {
    const IdMapping mapping = ids.Add(source.sets).value();
    sets.push_back(RemapParameterSets(source.sets, mapping));
    for (Bytes& sample : Rewrite(source, mapping)) samples.push_back(std::move(sample));
    for (std::string& frame : FramesOfFile(source.path)) frames.push_back(std::move(frame));
  }
  EXPECT_EQ(FramesOfStream(WriteStream(MergeParameterSets(sets), samples)), frames);
}

std::vector<Source> H264Family() {
  std::vector<Source> sources;
  for (const ClipCase& clip :
       {ClipCase{"fam-cabac", "-c:v libx264 -pix_fmt yuv420p -x264-params keyint=12:bframes=2"},
        ClipCase{"fam-cavlc", "-c:v libx264 -pix_fmt yuv420p -x264-params cabac=0:bframes=2:ref=2"},
        ClipCase{"fam-main", "-c:v libx264 -pix_fmt yuv420p -profile:v main -x264-params slices=3"},
        ClipCase{"fam-id-3", "-c:v libx264 -pix_fmt yuv420p -x264-params sps-id=3:8x8dct=0"}}) {
    sources.push_back(OpenClip(clip));
  }
  return sources;
}

TEST(SampleRewriter, LetsSeveralH264FamiliesShareAStream) {
  ExpectFamiliesPlayTogether(H264Family());
}

TEST(SampleRewriter, LetsSeveralHevcFamiliesShareAStream) {
  std::vector<Source> sources;
  for (const ClipCase& clip : {ClipCase{"fam-hevc-a", "keyint=12:bframes=2 -pix_fmt yuv420p"},
                               ClipCase{"fam-hevc-b", "keyint=10:sao=0:ref=1 -pix_fmt yuv420p"},
                               ClipCase{"fam-hevc-c", "keyint=10:amp=1:rect=1 -pix_fmt yuv420p"}}) {
    sources.push_back(OpenClip(clip));
  }
  ExpectFamiliesPlayTogether(sources);
}

// What the remapping is for: the same samples under the same ids do not decode.
TEST(SampleRewriter, IsNeededWhereFamiliesHaveTheSameIds) {
  const std::vector<Source> sources = H264Family();
  std::vector<Bytes> samples = sources[0].samples;
  samples.insert(samples.end(), sources[1].samples.begin(), sources[1].samples.end());
  const std::string stream = WriteStream(sources[0].sets, samples);
  EXPECT_THROW(FramesOfStream(stream), std::runtime_error);
}

TEST(SampleRewriter, RemapsRealFiles) {
  int checked = 0;
  for (const std::string name :
       {"h264-aac-1080p25-bframes.mp4", "mp4-sar-2x1-anamorphic.mp4",
        "h264-screenrec-cursed-vfr-3026x1386.mp4", "mp4-gopro-gpmd-tmcd-2997.mp4",
        "hevc-open-gop-rasl-720p-aac.mp4", "hevc-iphone-720p-vfr-rot90-rasl.mov"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    SCOPED_TRACE(name);
    ++checked;
    Source source = Open(*path);
    source.samples.resize(std::min<std::size_t>(source.samples.size(), 12));
    const IdMapping mapping = MappingsFor(source.sets).at(1);
    const std::string before = WriteStream(source.sets, source.samples);
    const std::vector<std::string> frames = FramesOfStream(before);
    const std::string after =
        WriteStream(RemapParameterSets(source.sets, mapping), Rewrite(source, mapping));
    EXPECT_EQ(FramesOfStream(after), frames);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

Source Plain() { return OpenClip({"rm-cabac", "-c:v libx264 -x264-params keyint=12:bframes=3"}); }

IdMapping IdentityOf(const ParameterSets& sets) {
  IdAllocation ids(sets.codec);
  return ids.Add(sets).value();
}

TEST(SampleRewriter, LeavesSamplesAloneWhereNothingChanges) {
  const Source source = Plain();
  const SampleRewriter rewriter(source.sets, IdentityOf(source.sets), {});
  for (const Bytes& sample : source.samples) EXPECT_FALSE(rewriter.Rewrite(sample));
}

TEST(SampleRewriter, MakesFourByteLengths) {
  const Source source = Plain();
  const IdMapping identity = IdentityOf(source.sets);
  const SampleRewriter from_annexb(source.sets, identity, {.framing = kAnnexB});
  const SampleRewriter from_narrow(source.sets, identity, {.framing = {.length_size = 2}});
  for (const Bytes& sample : source.samples) {
    EXPECT_EQ(from_annexb.Rewrite(ToAnnexB({}, {sample})), sample);
    Bytes narrow;
    for (const ByteView nal : SplitNalUnits(sample, NalFraming{})) {
      narrow.push_back(static_cast<std::uint8_t>(nal.size() >> 8));
      narrow.push_back(static_cast<std::uint8_t>(nal.size()));
      narrow.insert(narrow.end(), nal.begin(), nal.end());
    }
    EXPECT_EQ(from_narrow.Rewrite(narrow), sample);
  }
}

TEST(SampleRewriter, DropsSetsThatTheHeaderHasAndRefusesOthers) {
  const Source source = Plain();
  const SampleRewriter rewriter(source.sets, IdentityOf(source.sets), {});
  Bytes with_sets;
  AppendLengthPrefixed(source.sets.sps.at(0), with_sets);
  AppendLengthPrefixed(source.sets.pps.at(0), with_sets);
  with_sets.insert(with_sets.end(), source.samples[0].begin(), source.samples[0].end());
  EXPECT_EQ(rewriter.Rewrite(with_sets), source.samples[0]);

  Bytes with_other;
  AppendLengthPrefixed(H264Family()[1].sets.pps.at(0), with_other);
  EXPECT_THROW(rewriter.Rewrite(with_other), Error);
}

TEST(SampleRewriter, DropsWhatTheOptionsName) {
  const Source source = OpenClip({"rm-aud", "-c:v libx264 -x264-params aud=1:keyint=12:bframes=3"});
  const IdMapping identity = IdentityOf(source.sets);
  const auto count = [&](const SampleRewriterOptions& options) {
    const SampleRewriter rewriter(source.sets, identity, options);
    std::size_t nals = 0;
    for (const Bytes& sample : source.samples) {
      nals += SplitNalUnits(rewriter.Rewrite(sample).value_or(sample), NalFraming{}).size();
    }
    return nals;
  };
  const std::size_t pictures = source.samples.size();
  EXPECT_EQ(count({}), 2 * pictures + 1);
  EXPECT_EQ(count({.drop_access_unit_delimiters = true}), pictures + 1);
  EXPECT_EQ(count({.drop_encoder_options = true}), 2 * pictures);
}

// An id in a buffering period would name another family's SPS.
TEST(SampleRewriter, DropsBufferingPeriodsUnderANewSpsId) {
  const Source source = OpenClip({"rm-hrd",
                                  "-c:v libx264 -b:v 300k -maxrate 300k -bufsize 300k -x264-params "
                                  "nal-hrd=cbr:pic-struct=1:aud=1:keyint=12"});
  const auto types = [&](const std::vector<Bytes>& samples) {
    std::vector<int> found;
    for (const Bytes& sample : samples) {
      for (const ByteView nal : SplitNalUnits(sample, NalFraming{})) {
        if (!IsSei(NalCodec::kH264, nal)) continue;
        for (const SeiMessage& message : ParseSei(NalCodec::kH264, nal)) {
          found.push_back(message.type);
        }
      }
    }
    return found;
  };
  std::vector<int> before = types(source.samples);
  EXPECT_GE(std::count(before.begin(), before.end(), kSeiBufferingPeriod), 3);
  EXPECT_EQ(types(Rewrite(source, IdentityOf(source.sets))), before);
  std::erase(before, kSeiBufferingPeriod);
  EXPECT_EQ(types(Rewrite(source, MappingsFor(source.sets).at(0))), before);
}

TEST(SampleRewriter, DropsWhatIsBeyondTheBaseLayer) {
  const Source source = Plain();
  const SampleRewriter rewriter(source.sets, IdentityOf(source.sets), {});
  for (const int type : {14, 15, 20, 21}) {
    Bytes sample = source.samples[1];
    AppendLengthPrefixed(Bytes{static_cast<std::uint8_t>(0x60 | type), 1, 2, 3}, sample);
    EXPECT_EQ(rewriter.Rewrite(sample), source.samples[1]) << type;
  }
  const Source hevc = OpenClip({"rm-hevc", "keyint=12:bframes=3:open-gop=0 -pix_fmt yuv420p"});
  const SampleRewriter hevc_rewriter(hevc.sets, IdentityOf(hevc.sets), {});
  Bytes sample = hevc.samples[1];
  AppendLengthPrefixed(Bytes{0x02, 0x09, 0x80}, sample);
  EXPECT_EQ(hevc_rewriter.Rewrite(sample), hevc.samples[1]);
}

TEST(SampleRewriter, RefusesAMalformedSample) {
  const Source source = Plain();
  const SampleRewriter rewriter(source.sets, MappingsFor(source.sets).at(0), {});
  Bytes truncated = source.samples[0];
  truncated.erase(truncated.end() - 1, truncated.end());
  EXPECT_THROW(rewriter.Rewrite(truncated), Error);
  EXPECT_THROW(rewriter.Rewrite(Bytes{0, 0, 0, 1, 0x65}), Error);
}

}  // namespace
}  // namespace opencut
