#include "bitstream/hevc_parameter_sets.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "bitstream/bit_writer.h"
#include "test/bitstream/clips.h"

namespace opencut {
namespace {

void ExpectAgreesWithProbe(const HevcSps& sps, const std::map<std::string, std::string>& fields) {
  EXPECT_EQ(ProfileName(sps), fields.at("profile"));
  EXPECT_EQ(std::to_string(sps.profile.level_idc), fields.at("level"));
  EXPECT_EQ(std::to_string(sps.width), fields.at("width"));
  EXPECT_EQ(std::to_string(sps.height), fields.at("height"));
  std::string pix_fmt = fields.at("pix_fmt");
  if (pix_fmt.rfind("yuvj", 0) == 0) pix_fmt.erase(3, 1);
  EXPECT_EQ(PixelFormatName(sps), pix_fmt);
  EXPECT_EQ(std::to_string(ReorderDepth(sps)), fields.at("has_b_frames"));
}

void ExpectAgreesWithTrace(const HevcSps& sps, const Traced& traced) {
  EXPECT_EQ(sps.id, traced("sps_seq_parameter_set_id"));
  EXPECT_EQ(sps.vps_id, traced("sps_video_parameter_set_id"));
  EXPECT_EQ(sps.max_sub_layers, 1 + traced("sps_max_sub_layers_minus1"));
  EXPECT_EQ(sps.temporal_id_nesting, traced("sps_temporal_id_nesting_flag"));
  EXPECT_EQ(sps.profile.idc, traced("general_profile_idc"));
  EXPECT_EQ(sps.profile.high_tier, traced("general_tier_flag"));
  EXPECT_EQ(sps.profile.constraint_flags[0] >> 7, traced("general_progressive_source_flag"));
  EXPECT_EQ(sps.chroma_format_idc, traced("chroma_format_idc"));
  EXPECT_EQ(sps.bit_depth_luma, 8 + traced("bit_depth_luma_minus8"));
  EXPECT_EQ(sps.bit_depth_chroma, 8 + traced("bit_depth_chroma_minus8"));
  EXPECT_EQ(sps.coded_width, traced("pic_width_in_luma_samples"));
  EXPECT_EQ(sps.coded_height, traced("pic_height_in_luma_samples"));
  EXPECT_EQ(sps.pic_order_cnt_bits, 4 + traced("log2_max_pic_order_cnt_lsb_minus4"));
  const std::string highest = "[" + std::to_string(sps.max_sub_layers - 1) + "]";
  EXPECT_EQ(sps.max_dec_pic_buffering, 1 + traced("sps_max_dec_pic_buffering_minus1" + highest));
  EXPECT_EQ(sps.max_num_reorder_pics, traced("sps_max_num_reorder_pics" + highest));
}

void ExpectVuiAgreesWithTrace(const HevcSps& sps, const Traced& traced) {
  EXPECT_EQ(sps.has_vui, traced("vui_parameters_present_flag"));
  EXPECT_EQ(sps.usability.full_range.value_or(false), traced("video_full_range_flag", 0));
  EXPECT_EQ(sps.usability.colour.primaries, traced("colour_primaries", 2));
  EXPECT_EQ(sps.usability.colour.transfer, traced("transfer_characteristics", 2));
  EXPECT_EQ(sps.usability.colour.matrix, traced("matrix_coefficients", 2));
  EXPECT_EQ(sps.usability.chroma_location.value_or(-1), traced("chroma_sample_loc_type_top_field"));
  EXPECT_EQ(sps.field_sequence, traced("field_seq_flag", 0));
  EXPECT_EQ(sps.timing.value_or(VideoTiming{}).units_in_tick, traced("vui_num_units_in_tick", 0));
  EXPECT_EQ(sps.timing.value_or(VideoTiming{}).time_scale, traced("vui_time_scale", 0));
}

class HevcClip : public ::testing::TestWithParam<ClipCase> {};

TEST_P(HevcClip, HasTheFieldsThatFfmpegReads) {
  const ClipCase& clip = GetParam();
  // The options begin with x265's, and then come ffmpeg's.
  const std::string path = MakeClip(
      "hevc-" + clip.name + ".mp4",
      "-c:v libx265 -preset veryfast -x265-params log-level=error:" + clip.options, clip.size);
  const ProbedStream stream = Probe(path);
  const std::vector<TracedUnit> trace = TraceHeaders(path);
  const HevcSps sps = ParseHevcSps(stream.sets().sps.at(0));
  ExpectAgreesWithProbe(sps, stream.fields);
  const Traced traced_sps(FindTraced(trace, "Sequence Parameter Set"));
  ExpectAgreesWithTrace(sps, traced_sps);
  ExpectVuiAgreesWithTrace(sps, traced_sps);

  const HevcVps vps = ParseHevcVps(stream.sets().vps.at(0));
  const Traced traced_vps(FindTraced(trace, "Video Parameter Set"));
  EXPECT_EQ(vps.id, traced_vps("vps_video_parameter_set_id"));
  EXPECT_EQ(vps.max_sub_layers, 1 + traced_vps("vps_max_sub_layers_minus1"));
  EXPECT_EQ(vps.temporal_id_nesting, traced_vps("vps_temporal_id_nesting_flag"));

  const HevcPps pps = ParseHevcPps(stream.sets().pps.at(0));
  const Traced traced_pps(FindTraced(trace, "Picture Parameter Set"));
  EXPECT_EQ(pps.id, traced_pps("pps_pic_parameter_set_id"));
  EXPECT_EQ(pps.sps_id, traced_pps("pps_seq_parameter_set_id"));
  EXPECT_EQ(pps.dependent_slice_segments_enabled,
            traced_pps("dependent_slice_segments_enabled_flag"));
  EXPECT_EQ(pps.output_flag_present, traced_pps("output_flag_present_flag"));
  EXPECT_EQ(pps.num_extra_slice_header_bits, traced_pps("num_extra_slice_header_bits"));
}

INSTANTIATE_TEST_SUITE_P(
    X265, HevcClip,
    ::testing::Values(
        ClipCase{"main", "bframes=3 -pix_fmt yuv420p"},
        ClipCase{"bframes-0", "bframes=0 -pix_fmt yuv420p"},
        ClipCase{"main10", "bframes=4:b-pyramid=1 -pix_fmt yuv420p10le"},
        ClipCase{"main12", "bframes=2 -pix_fmt yuv420p12le"},
        ClipCase{"rext-422-10", "bframes=2 -pix_fmt yuv422p10le"},
        ClipCase{"rext-444", "bframes=2 -pix_fmt yuv444p"},
        ClipCase{"rext-gray", "bframes=2 -pix_fmt gray"},
        ClipCase{"rext-gbr", "bframes=2 -pix_fmt gbrp"},
        ClipCase{"crop", "bframes=3 -pix_fmt yuv420p", "166x102"},
        ClipCase{"crop-422", "bframes=3 -pix_fmt yuv422p", "166x101"},
        ClipCase{"interlaced", "interlace=tff -pix_fmt yuv420p"},
        ClipCase{"scaling-lists", "scaling-list=default -pix_fmt yuv420p"},
        ClipCase{"temporal-layers", "temporal-layers=1:b-pyramid=1:bframes=4 -pix_fmt yuv420p"},
        ClipCase{"hrd", "bitrate=300:vbv-maxrate=300:vbv-bufsize=300:hrd=1:sar=7 -pix_fmt yuv420p"},
        ClipCase{"high-tier", "high-tier=1:level-idc=5.1 -pix_fmt yuv420p"},
        ClipCase{"colour",
                 "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=full:chromaloc=2 "
                 "-pix_fmt yuv420p10le"},
        ClipCase{"sar", "sar=7\\\\:5 -pix_fmt yuv420p"}),
    CaseName);

TEST(HevcSps, AgreesWithFfprobeOnRealFiles) {
  int checked = 0;
  for (const std::string name :
       {"hevc-dolby-vision-p81-pq-5994.mp4", "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4",
        "hevc-hlg-phone-1080p-audio-first.mp4", "hevc-iphone-720p-vfr-rot90-rasl.mov",
        "hevc-open-gop-rasl-720p-aac.mp4", "ts-hevc-1080p24-aac-51.ts"}) {
    const std::optional<std::string> path = SharedFile(name);
    if (!path) continue;
    SCOPED_TRACE(name);
    ++checked;
    const ProbedStream stream = Probe(*path);
    const ParameterSets sets = stream.sets();
    const HevcSps sps = ParseHevcSps(sets.sps.at(0));
    ExpectAgreesWithProbe(sps, stream.fields);
    EXPECT_EQ(ParseHevcPps(sets.pps.at(0)).sps_id, sps.id);
    EXPECT_EQ(ParseHevcVps(sets.vps.at(0)).id, sps.vps_id);
  }
  if (checked == 0) GTEST_SKIP() << "the shared media files are not here";
}

// profile_tier_level() of three sub-layers, one of which has a profile and a level of its own and
// one a level.
void WriteProfileTierLevel(BitWriter& writer) {
  const auto write_profile = [&] {
    writer.WriteBits(0b001'00001, 8);  // general_profile_space, tier, idc
    writer.WriteBits(0x60000000, 32);
    writer.WriteBits(0x9000, 16);
    writer.WriteBits(0, 32);
  };
  write_profile();
  writer.WriteBits(93, 8);
  writer.WriteBits(0b1101, 4);
  writer.WriteBits(0, 12);  // reserved_zero_2bits for the other six
  write_profile();
  writer.WriteBits(60, 8);
  writer.WriteBits(90, 8);
}

// Lists that refer to another one and lists of their own, in turn.
void WriteScalingLists(BitWriter& writer) {
  for (int size = 0; size < 4; ++size) {
    for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      const bool has_own = matrix % 2 == 0;
      writer.WriteFlag(has_own);
      if (!has_own) {
        writer.WriteUe(1);
        continue;
      }
      if (size > 1) writer.WriteSe(8);
      for (int i = 0; i < (size == 0 ? 16 : 64); ++i) writer.WriteSe(i % 3 - 1);
    }
  }
}

// At the distances -1, -2 and 1; then three sets told by the one before them. The first loses the
// picture that becomes the current one and has -1, -2, -3. The second loses another one so, drops
// one and has -1 and 1. The third has 1 and 2.
void WriteReferencePictureSets(BitWriter& writer) {
  writer.WriteUe(4);  // num_short_term_ref_pic_sets
  writer.WriteUe(2);
  writer.WriteUe(1);
  for (int i = 0; i < 3; ++i) {
    writer.WriteUe(0);
    writer.WriteFlag(true);
  }
  writer.WriteFlag(true);  // inter_ref_pic_set_prediction_flag
  writer.WriteFlag(true);  // A difference of -1.
  writer.WriteUe(0);
  writer.WriteBits(0b1111, 4);
  writer.WriteFlag(true);
  writer.WriteFlag(false);  // A difference of 1.
  writer.WriteUe(0);
  writer.WriteBits(0b1'01'00'1, 6);
  writer.WriteFlag(true);
  writer.WriteFlag(false);
  writer.WriteUe(0);
  writer.WriteBits(0b111, 3);
}

// What encoders at hand do not write: sub-layers with profiles, scaling lists, PCM, predicted
// reference picture sets, long-term pictures, a display window.
Bytes UnusualSps() {
  BitWriter writer;
  writer.WriteBits(0x4201, 16);
  writer.WriteBits(0, 4);
  writer.WriteBits(2, 3);  // sps_max_sub_layers_minus1
  writer.WriteFlag(true);
  WriteProfileTierLevel(writer);
  for (const std::uint32_t value : {0u, 1u, 64u, 64u}) writer.WriteUe(value);  // id, 4:2:0, size
  writer.WriteFlag(true);
  for (const std::uint32_t value : {1u, 2u, 3u, 4u}) writer.WriteUe(value);  // conformance window
  for (const std::uint32_t value : {0u, 0u, 4u}) writer.WriteUe(value);      // depths, POC bits
  writer.WriteFlag(true);
  for (const std::uint32_t value : {1u, 0u, 0u, 2u, 1u, 0u, 4u, 2u, 0u}) writer.WriteUe(value);
  for (const std::uint32_t value : {0u, 0u, 0u, 0u, 0u, 0u}) writer.WriteUe(value);
  writer.WriteBits(0b11, 2);
  WriteScalingLists(writer);
  writer.WriteBits(0b111, 3);  // amp, sao, pcm
  writer.WriteBits(0x77, 8);
  writer.WriteUe(0);
  writer.WriteUe(0);
  writer.WriteFlag(true);
  WriteReferencePictureSets(writer);
  writer.WriteFlag(true);
  writer.WriteUe(2);  // num_long_term_ref_pics_sps
  writer.WriteBits(0b00000011'1'00000111'0, 18);
  writer.WriteBits(0b11, 2);
  writer.WriteBits(0b1'0'0, 3);  // VUI, no ratio, no overscan
  writer.WriteBits(0b1'101'1'1, 6);
  writer.WriteBits(9 << 16 | 16 << 8 | 9, 24);
  writer.WriteFlag(true);
  writer.WriteUe(2);
  writer.WriteUe(2);
  writer.WriteBits(0b0'1'0'1, 4);  // field_seq_flag, default_display_window_flag
  for (const std::uint32_t value : {1u, 1u, 1u, 1u}) writer.WriteUe(value);
  writer.WriteFlag(true);
  writer.WriteBits(1001, 32);
  writer.WriteBits(60000, 32);
  writer.WriteBits(0b00, 2);  // num_ticks_poc_diff_one, HRD
  writer.WriteBits(0b0, 1);   // bitstream_restriction_flag
  writer.WriteBits(0b0, 1);   // sps_extension_present_flag
  writer.WriteTrailingBits();
  return InsertEmulationPrevention(writer.bytes());
}

TEST(HevcSps, IsReadPastWhatIsUnusual) {
  const std::string options = "-c:v libx265 -x265-params log-level=error:keyint=5";
  ParameterSets sets = Probe(MakeClip("plain-hevc.mp4", options)).sets();
  sets.sps = {UnusualSps()};
  const std::string path = TemporaryPath("unusual.hevc");
  WriteFile(path, ToAnnexB(sets, {}));
  const std::vector<TracedUnit> trace = TraceHeaders(path);
  const Traced traced(FindTraced(trace, "Sequence Parameter Set"));
  const HevcSps sps = ParseHevcSps(sets.sps[0]);
  ExpectAgreesWithTrace(sps, traced);
  ExpectVuiAgreesWithTrace(sps, traced);
  EXPECT_EQ(traced("vui_time_scale"), 60000);
  EXPECT_EQ(sps.width, 64 - 2 * (1 + 2));
  EXPECT_EQ(sps.height, 64 - 2 * (3 + 4));
}

TEST(HevcSps, RefusesWhatIsTruncatedOrAnotherUnit) {
  const std::string options = "-c:v libx265 -x265-params log-level=error:keyint=5";
  const ParameterSets sets = Probe(MakeClip("plain-hevc.mp4", options)).sets();
  const Bytes& sps = sets.sps.at(0);
  EXPECT_THROW(ParseHevcSps({}), Error);
  EXPECT_THROW(ParseHevcVps(sps), Error);
  EXPECT_THROW(ParseHevcPps(sps), Error);
  Bytes other_layer = sps;
  other_layer[1] |= 8;
  EXPECT_THROW(ParseHevcSps(other_layer), Error);
  // All that is read ends at least this far into x265's SPS.
  for (std::size_t size = 0; size < 30; ++size) {
    EXPECT_THROW(ParseHevcSps(ByteView(sps).first(size)), Error) << size;
  }
}

}  // namespace
}  // namespace opencut
