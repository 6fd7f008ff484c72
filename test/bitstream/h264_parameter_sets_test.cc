#include "bitstream/h264_parameter_sets.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "bitstream/bit_writer.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

std::string WithoutJ(std::string pix_fmt) {
  if (pix_fmt.rfind("yuvj", 0) == 0) pix_fmt.erase(3, 1);
  return pix_fmt;
}

// What ffprobe says of a stream that says everything about itself.
void ExpectAgreesWithProbe(const H264Sps& sps, const std::map<std::string, std::string>& fields) {
  EXPECT_EQ(ProfileName(sps), fields.at("profile"));
  EXPECT_EQ(std::to_string(sps.level_idc), fields.at("level"));
  EXPECT_EQ(std::to_string(sps.width), fields.at("width"));
  EXPECT_EQ(std::to_string(sps.height), fields.at("height"));
  EXPECT_EQ(PixelFormatName(sps), WithoutJ(fields.at("pix_fmt")));
  if (sps.restriction) {
    EXPECT_EQ(std::to_string(ReorderDepth(sps)), fields.at("has_b_frames"));
  }
}

void ExpectUsabilityAgreesWithProbe(const H264Sps& sps,
                                    const std::map<std::string, std::string>& fields) {
  const SampleAspectRatio sar = sps.usability.sample_aspect_ratio;
  EXPECT_EQ(sar.num == 0 ? "N/A" : std::to_string(sar.num) + ":" + std::to_string(sar.den),
            fields.at("sample_aspect_ratio"));
  EXPECT_EQ(!sps.usability.full_range   ? "unknown"
            : *sps.usability.full_range ? "pc"
                                        : "tv",
            fields.at("color_range"));
}

void ExpectAgreesWithTrace(const H264Sps& sps, const Traced& traced) {
  EXPECT_EQ(sps.profile_idc, traced("profile_idc"));
  EXPECT_EQ((sps.constraint_flags >> 6) & 1, traced("constraint_set1_flag"));
  EXPECT_EQ((sps.constraint_flags >> 4) & 1, traced("constraint_set3_flag"));
  EXPECT_EQ(sps.id, traced("seq_parameter_set_id"));
  EXPECT_EQ(sps.chroma_format_idc, traced("chroma_format_idc", 1));
  EXPECT_EQ(sps.bit_depth_luma, 8 + traced("bit_depth_luma_minus8", 0));
  EXPECT_EQ(sps.bit_depth_chroma, 8 + traced("bit_depth_chroma_minus8", 0));
  EXPECT_EQ(sps.frame_num_bits, 4 + traced("log2_max_frame_num_minus4"));
  EXPECT_EQ(sps.pic_order_cnt_type, traced("pic_order_cnt_type"));
  EXPECT_EQ(sps.pic_order_cnt_bits, 4 + traced("log2_max_pic_order_cnt_lsb_minus4", 0));
  EXPECT_EQ(sps.max_num_ref_frames, traced("max_num_ref_frames"));
  EXPECT_EQ(sps.frame_mbs_only, traced("frame_mbs_only_flag"));
  EXPECT_EQ(sps.mb_adaptive_frame_field, traced("mb_adaptive_frame_field_flag", 0));
  EXPECT_EQ(sps.direct_8x8_inference, traced("direct_8x8_inference_flag"));
  EXPECT_EQ(sps.coded_width, 16 * (1 + traced("pic_width_in_mbs_minus1")));
  EXPECT_EQ(sps.coded_height,
            (sps.frame_mbs_only ? 16 : 32) * (1 + traced("pic_height_in_map_units_minus1")));
}

void ExpectVuiAgreesWithTrace(const H264Sps& sps, const Traced& traced) {
  EXPECT_EQ(sps.has_vui, traced("vui_parameters_present_flag"));
  EXPECT_EQ(sps.usability.full_range.value_or(false), traced("video_full_range_flag", 0));
  EXPECT_EQ(sps.usability.colour.primaries, traced("colour_primaries", 2));
  EXPECT_EQ(sps.usability.colour.transfer, traced("transfer_characteristics", 2));
  EXPECT_EQ(sps.usability.colour.matrix, traced("matrix_coefficients", 2));
  EXPECT_EQ(sps.usability.chroma_location.value_or(-1), traced("chroma_sample_loc_type_top_field"));
  EXPECT_EQ(sps.timing.value_or(VideoTiming{}).units_in_tick, traced("num_units_in_tick", 0));
  EXPECT_EQ(sps.timing.value_or(VideoTiming{}).time_scale, traced("time_scale", 0));
  EXPECT_EQ(sps.fixed_frame_rate, traced("fixed_frame_rate_flag", 0));
  ASSERT_EQ(sps.restriction.has_value(), traced("bitstream_restriction_flag", 0) == 1);
  const H264Restriction restriction = sps.restriction.value_or(H264Restriction{});
  EXPECT_EQ(restriction.max_num_reorder_frames, traced("max_num_reorder_frames", 0));
  EXPECT_EQ(restriction.max_dec_frame_buffering, traced("max_dec_frame_buffering", 0));
}

void ExpectAgreesWithTrace(const H264Pps& pps, const Traced& traced) {
  EXPECT_EQ(pps.id, traced("pic_parameter_set_id"));
  EXPECT_EQ(pps.sps_id, traced("seq_parameter_set_id"));
  EXPECT_EQ(pps.cabac, traced("entropy_coding_mode_flag"));
  EXPECT_EQ(pps.bottom_field_pic_order_in_frame_present,
            traced("bottom_field_pic_order_in_frame_present_flag"));
  EXPECT_EQ(pps.num_slice_groups, 1 + traced("num_slice_groups_minus1"));
  EXPECT_EQ(pps.default_ref_count_l0, 1 + traced("num_ref_idx_l0_default_active_minus1"));
  EXPECT_EQ(pps.default_ref_count_l1, 1 + traced("num_ref_idx_l1_default_active_minus1"));
  EXPECT_EQ(pps.weighted_pred, traced("weighted_pred_flag"));
  EXPECT_EQ(pps.weighted_bipred_idc, traced("weighted_bipred_idc"));
  EXPECT_EQ(pps.pic_init_qp, 26 + traced("pic_init_qp_minus26", -1000));
  EXPECT_EQ(pps.deblocking_control_present, traced("deblocking_filter_control_present_flag"));
  EXPECT_EQ(pps.constrained_intra_pred, traced("constrained_intra_pred_flag"));
  EXPECT_EQ(pps.redundant_pic_cnt_present, traced("redundant_pic_cnt_present_flag"));
  EXPECT_EQ(pps.transform_8x8_mode, traced("transform_8x8_mode_flag", 0));
}

class H264Clip : public ::testing::TestWithParam<ClipCase> {};

TEST_P(H264Clip, HasTheFieldsThatFfmpegReads) {
  const ClipCase& clip = GetParam();
  const std::string path = MakeClip(clip.name + ".mp4", clip.options, clip.size);
  const ProbedStream stream = Probe(path);
  const std::vector<TracedUnit> trace = TraceHeaders(path);
  const H264Sps sps = ParseH264Sps(stream.sets().sps.at(0));
  ExpectAgreesWithProbe(sps, stream.fields);
  ExpectUsabilityAgreesWithProbe(sps, stream.fields);
  const Traced traced_sps(FindTraced(trace, "Sequence Parameter Set"));
  ExpectAgreesWithTrace(sps, traced_sps);
  ExpectVuiAgreesWithTrace(sps, traced_sps);
  ExpectAgreesWithTrace(ParseH264Pps(stream.sets().pps.at(0)),
                        Traced(FindTraced(trace, "Picture Parameter Set")));
}

INSTANTIATE_TEST_SUITE_P(
    X264, H264Clip,
    ::testing::Values(
        ClipCase{"baseline", "-c:v libx264 -profile:v baseline -pix_fmt yuv420p"},
        ClipCase{"main-cavlc", "-c:v libx264 -profile:v main -x264-params cabac=0"},
        ClipCase{"high", "-c:v libx264 -pix_fmt yuv420p"},
        ClipCase{"bframes-0", "-c:v libx264 -bf 0"},
        ClipCase{"sps-id-7", "-c:v libx264 -x264-params sps-id=7"},
        ClipCase{"slices", "-c:v libx264 -x264-params slices=3"},
        ClipCase{"high10", "-c:v libx264 -pix_fmt yuv420p10le"},
        ClipCase{"high10-intra", "-c:v libx264 -pix_fmt yuv420p10le -g 1"},
        ClipCase{"high422", "-c:v libx264 -pix_fmt yuv422p"},
        ClipCase{"high422-10", "-c:v libx264 -pix_fmt yuv422p10le"},
        ClipCase{"high444", "-c:v libx264 -pix_fmt yuv444p"},
        ClipCase{"high444-crop", "-c:v libx264 -pix_fmt yuv444p", "165x101"},
        ClipCase{"rgb", "-c:v libx264rgb"}, ClipCase{"gray", "-c:v libx264 -pix_fmt gray"},
        ClipCase{"crop", "-c:v libx264", "166x102"},
        ClipCase{"crop-422", "-c:v libx264 -pix_fmt yuv422p", "166x101"},
        ClipCase{"interlaced", "-c:v libx264 -flags +ildct+ilme", "160x100"},
        ClipCase{"custom-matrix", "-c:v libx264 -x264-params cqm=jvt"},
        ClipCase{"sar-idc", "-vf setsar=12/11 -c:v libx264"},
        ClipCase{"sar-extended", "-vf setsar=7/5 -c:v libx264"},
        ClipCase{"colour",
                 "-c:v libx264 -color_range pc -colorspace bt709 -color_primaries bt709 "
                 "-color_trc bt709 -chroma_sample_location topleft"},
        ClipCase{"colour-2020",
                 "-c:v libx264 -color_range tv -colorspace bt2020nc -color_primaries bt2020 "
                 "-color_trc smpte2084"},
        ClipCase{"hrd",
                 "-c:v libx264 -b:v 300k -maxrate 300k -bufsize 300k -x264-params nal-hrd=vbr"},
        ClipCase{"fixed-rate", "-c:v libx264 -x264-params force-cfr=1"}),
    CaseName);

// h264_metadata writes the table's idc where the ratio is in the table.
TEST(H264Sps, KnowsEverySampleAspectRatioOfTableE1) {
  const std::string source = MakeClip("one-frame.h264", "-c:v libx264", "32x32", 1);
  for (const std::string ratio :
       {"1/1", "12/11", "10/11", "16/11", "40/33", "24/11", "20/11", "32/11", "80/33", "18/11",
        "15/11", "64/33", "160/99", "4/3", "3/2", "2/1", "255/254"}) {
    const std::string path = TemporaryPath("sar.h264");
    RunCommand("ffmpeg -nostdin -v error -y -i '" + source +
               "' -c copy -bsf:v h264_metadata=sample_aspect_ratio=" + ratio + " '" + path + "'");
    const ParameterSets sets = ParameterSetsFromAnnexB(NalCodec::kH264, ReadFile(path));
    const SampleAspectRatio sar = ParseH264Sps(sets.sps.at(0)).usability.sample_aspect_ratio;
    EXPECT_EQ(std::to_string(sar.num) + "/" + std::to_string(sar.den), ratio);
  }
}

// Files of many encoders; their facts are ffprobe's.
TEST(H264Sps, AgreesWithFfprobeOnRealFiles) {
  int checked = 0;
  for (const std::string name :
       {"broken-corrupted-h264.mp4", "fmp4-h264-1080p-rotated-aac-51.mp4",
        "h264-aac-1080p25-bframes.mp4", "h264-long-139s-10fps-cctv-video-only.mp4",
        "h264-open-gop-interlaced-tff-360p.mp4", "h264-phone-4k60-vfr-rotated90.mp4",
        "h264-rotate-and-mirror-720p.mp4", "h264-screenrec-cursed-vfr-3026x1386.mp4",
        "mkv-h264-opus-30fps-mono.mkv", "mov-h264-1080p50-pcm-sowt.mov",
        "mp4-chapters-nero-vfr.mp4", "mp4-long-6min-1080p-lowbitrate.mp4",
        "mp4-sar-2x1-anamorphic.mp4", "mp4-edit-list-empty-edit-1s-video-late.mp4",
        "ts-pts-wrap-h264-aac.ts", "flv-h264-aac-60fps.flv"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    SCOPED_TRACE(name);
    ++checked;
    const ProbedStream stream = Probe(*path);
    const H264Sps sps = ParseH264Sps(stream.sets().sps.at(0));
    ExpectAgreesWithProbe(sps, stream.fields);
    EXPECT_EQ(ParseH264Pps(stream.sets().pps.at(0)).sps_id, sps.id);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

// A camera that codes 864x480 without cropping and leaves it to the container to say 854.
TEST(H264Sps, DoesNotKnowTheCroppingOfTheContainer) {
  const std::optional<std::string> path = SharedFile("mp4-gopro-gpmd-tmcd-2997.mp4");
  if (!path) GTEST_SKIP() << "the shared media files are not here";
  const ProbedStream stream = Probe(*path);
  const H264Sps sps = ParseH264Sps(stream.sets().sps.at(0));
  EXPECT_EQ(stream.fields.at("width"), "854");
  EXPECT_EQ(sps.width, 864);
  EXPECT_EQ(sps.coded_width, 864);
}

void WriteHrd(BitWriter& writer) {
  writer.WriteUe(1);  // cpb_cnt_minus1
  writer.WriteBits(0x12, 8);
  for (int i = 0; i < 2; ++i) {
    writer.WriteUe(1000);
    writer.WriteUe(2000);
    writer.WriteFlag(i == 0);
  }
  writer.WriteBits(0b10111'10111'10111'11000, 20);
}

// What encoders at hand do not write: scaling lists, one of which ends early, picture order count
// type 1 and two sets of HRD parameters.
Bytes UnusualSps() {
  BitWriter writer;
  writer.WriteBits(0x67, 8);
  writer.WriteBits(100 << 16 | 40, 24);
  for (const std::uint32_t value : {0u, 1u, 0u, 0u}) writer.WriteUe(value);
  writer.WriteBits(0b01, 2);  // seq_scaling_matrix_present_flag
  for (int list = 0; list < 8; ++list) {
    writer.WriteFlag(list % 2 == 0);
    if (list % 2 != 0) continue;
    if (list == 2) {
      writer.WriteSe(-8);  // The next scale is 0: the list ends.
      continue;
    }
    for (int i = 0; i < (list < 6 ? 16 : 64); ++i) writer.WriteSe(i % 3 - 1);
  }
  writer.WriteUe(3);  // log2_max_frame_num_minus4
  writer.WriteUe(1);  // pic_order_cnt_type
  writer.WriteFlag(false);
  writer.WriteSe(-3);
  writer.WriteSe(1);
  writer.WriteUe(3);
  for (const int offset : {2, 4, -6}) writer.WriteSe(offset);
  writer.WriteUe(2);
  writer.WriteFlag(true);
  writer.WriteUe(9);
  writer.WriteUe(5);
  writer.WriteBits(0b11, 2);
  writer.WriteFlag(true);
  for (const std::uint32_t value : {1u, 2u, 3u, 4u}) writer.WriteUe(value);
  writer.WriteBits(0b1'0'1'1'0'0'0, 7);  // VUI, overscan appropriate, nothing else up to timing
  writer.WriteFlag(true);
  WriteHrd(writer);
  writer.WriteFlag(true);
  WriteHrd(writer);
  writer.WriteBits(0b0'0'1'1, 4);  // low_delay_hrd, pic_struct_present, restriction
  for (const std::uint32_t value : {2u, 1u, 11u, 11u, 1u, 2u}) writer.WriteUe(value);
  writer.WriteTrailingBits();
  return InsertEmulationPrevention(writer.bytes());
}

TEST(H264Sps, IsReadPastWhatIsUnusual) {
  ParameterSets sets = Probe(MakeClip("high.mp4", "-c:v libx264 -pix_fmt yuv420p")).sets();
  sets.sps = {UnusualSps()};
  const std::string path = TemporaryPath("unusual.h264");
  WriteFile(path, ToAnnexB(sets, {}));
  const std::vector<TracedUnit> trace = TraceHeaders(path);
  const Traced traced(FindTraced(trace, "Sequence Parameter Set"));
  const H264Sps sps = ParseH264Sps(sets.sps[0]);
  ExpectAgreesWithTrace(sps, traced);
  ExpectVuiAgreesWithTrace(sps, traced);
  EXPECT_EQ(traced("max_dec_frame_buffering"), 2);
  EXPECT_EQ(sps.offset_for_non_ref_pic, traced("offset_for_non_ref_pic"));
  EXPECT_EQ(sps.offset_for_top_to_bottom_field, traced("offset_for_top_to_bottom_field"));
  EXPECT_EQ(sps.offsets_for_ref_frame, (std::vector<std::int32_t>{2, 4, -6}));
  EXPECT_EQ(traced("offset_for_ref_frame[2]"), -6);
  EXPECT_TRUE(sps.gaps_in_frame_num_allowed);
  EXPECT_EQ(sps.width, 160 - 2 * (1 + 2));
  EXPECT_EQ(sps.height, 96 - 2 * (3 + 4));
}

H264Sps PlainSps() {
  H264Sps sps;
  sps.profile_idc = 100;
  sps.level_idc = 40;
  sps.coded_width = 1920;
  sps.coded_height = 1088;
  return sps;
}

// Table A-1: 32768 macroblocks at level 4, of which 1920x1088 has 8160.
TEST(ReorderDepth, IsTheBufferOfTheLevelWhereTheStreamDoesNotSay) {
  H264Sps sps = PlainSps();
  EXPECT_EQ(ReorderDepth(sps), 4);
  sps.level_idc = 51;
  EXPECT_EQ(ReorderDepth(sps), 16);
  sps.level_idc = 31;
  EXPECT_EQ(ReorderDepth(sps), 2);
  sps.restriction = H264Restriction{.max_num_reorder_frames = 1, .max_dec_frame_buffering = 4};
  EXPECT_EQ(ReorderDepth(sps), 1);
}

TEST(ReorderDepth, IsNoneWhereTheStreamCannotReorder) {
  H264Sps sps = PlainSps();
  sps.pic_order_cnt_type = 2;
  EXPECT_EQ(ReorderDepth(sps), 0);
  sps = PlainSps();
  sps.profile_idc = 66;
  EXPECT_EQ(ReorderDepth(sps), 0);
  sps = PlainSps();
  sps.profile_idc = 110;
  sps.constraint_flags = 0x10;
  EXPECT_EQ(ReorderDepth(sps), 0);
  sps.profile_idc = 77;  // There the flag means level 1b.
  EXPECT_EQ(ReorderDepth(sps), 4);
}

TEST(MaxDpbFrames, ReadsLevel1bFromTheConstraintFlag) {
  H264Sps sps = PlainSps();
  sps.profile_idc = 77;
  sps.level_idc = 11;
  sps.coded_width = 176;
  sps.coded_height = 144;  // 99 macroblocks, of 900 at level 1.1 and 396 at 1b.
  EXPECT_EQ(MaxDpbFrames(sps), 9);
  sps.constraint_flags = 0x10;
  EXPECT_EQ(MaxDpbFrames(sps), 4);
  sps.level_idc = 77;
  EXPECT_EQ(MaxDpbFrames(sps), 16);
}

TEST(MaxDpbFrames, HoldsTheReferencesOfAStreamThatUnderstatesItsLevel) {
  H264Sps sps = PlainSps();
  sps.level_idc = 10;
  sps.max_num_ref_frames = 3;
  EXPECT_EQ(MaxDpbFrames(sps), 3);
}

TEST(H264Sps, RefusesWhatIsTruncatedOrAnotherUnit) {
  const ParameterSets sets = Probe(MakeClip("high.mp4", "-c:v libx264 -pix_fmt yuv420p")).sets();
  const Bytes& sps = sets.sps.at(0);
  const Bytes& pps = sets.pps.at(0);
  EXPECT_THROW(ParseH264Sps({}), Error);
  EXPECT_THROW(ParseH264Sps(pps), Error);
  EXPECT_THROW(ParseH264Pps(sps), Error);
  for (std::size_t size = 0; size + 1 < sps.size(); ++size) {
    EXPECT_THROW(ParseH264Sps(ByteView(sps).first(size)), Error) << size;
  }
}

}  // namespace
}  // namespace opencut
