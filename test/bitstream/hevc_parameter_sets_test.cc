#include "bitstream/hevc_parameter_sets.h"

#include <gtest/gtest.h>

#include "base/error.h"
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
        ClipCase{"temporal-layers", "temporal-layers=3:b-pyramid=1:bframes=4 -pix_fmt yuv420p"},
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
