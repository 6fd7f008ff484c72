#include "bitstream/h264_parameter_sets.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "bitstream/bit_reader.h"
#include "bitstream/nal_unit.h"
#include "bitstream/pixel_format.h"

namespace opencut {

namespace {

constexpr std::uint8_t kConstraintSet1 = 0x40;
constexpr std::uint8_t kConstraintSet3 = 0x10;

// Far above the 139264 macroblocks of level 6.2, and small enough for any product to fit an int.
constexpr std::uint32_t kMaxMacroblocksPerSide = 4096;

BitReader OpenParameterSet(const Bytes& raw, H264NalType type, const char* name) {
  if (raw.empty() || H264TypeOf(raw) != type) {
    throw Error(ErrorCode::kExec, std::string("not an H.264 ") + name);
  }
  return BitReader(ByteView(raw).subspan(1));
}

// The profiles whose SPS has chroma_format_idc and what follows it (7.3.2.1.1).
bool HasChromaFields(int profile_idc) {
  constexpr std::array<int, 13> kProfiles = {44,  83,  86,  100, 110, 118, 122,
                                             128, 134, 135, 138, 139, 244};
  return std::find(kProfiles.begin(), kProfiles.end(), profile_idc) != kProfiles.end();
}

void SkipScalingList(BitReader& reader, int size) {
  int last_scale = 8;
  int next_scale = 8;
  for (int i = 0; i < size && next_scale != 0; ++i) {
    const std::int32_t delta_scale = reader.ReadSe();
    if (delta_scale < -128 || delta_scale > 127) {
      throw Error(ErrorCode::kExec, "delta_scale is out of range");
    }
    next_scale = (last_scale + delta_scale + 256) % 256;
    if (next_scale != 0) last_scale = next_scale;
  }
}

void SkipScalingMatrix(BitReader& reader, int lists) {
  for (int i = 0; i < lists; ++i) {
    if (reader.ReadFlag()) SkipScalingList(reader, i < 6 ? 16 : 64);
  }
}

void ParseChromaFields(BitReader& reader, H264Sps& sps) {
  sps.chroma_format_idc = static_cast<int>(reader.ReadUeUpTo(3, "chroma_format_idc"));
  if (sps.chroma_format_idc == 3) sps.separate_colour_planes = reader.ReadFlag();
  sps.bit_depth_luma = 8 + static_cast<int>(reader.ReadUeUpTo(6, "bit_depth_luma_minus8"));
  sps.bit_depth_chroma = 8 + static_cast<int>(reader.ReadUeUpTo(6, "bit_depth_chroma_minus8"));
  reader.SkipBits(1);  // qpprime_y_zero_transform_bypass_flag
  if (reader.ReadFlag()) SkipScalingMatrix(reader, sps.chroma_format_idc == 3 ? 12 : 8);
}

void ParsePicOrderCount(BitReader& reader, H264Sps& sps) {
  sps.pic_order_cnt_type = static_cast<int>(reader.ReadUeUpTo(2, "pic_order_cnt_type"));
  if (sps.pic_order_cnt_type == 0) {
    sps.pic_order_cnt_bits =
        4 + static_cast<int>(reader.ReadUeUpTo(12, "log2_max_pic_order_cnt_lsb_minus4"));
  } else if (sps.pic_order_cnt_type == 1) {
    sps.delta_pic_order_always_zero = reader.ReadFlag();
    sps.offset_for_non_ref_pic = reader.ReadSe();
    sps.offset_for_top_to_bottom_field = reader.ReadSe();
    sps.offsets_for_ref_frame.resize(
        reader.ReadUeUpTo(255, "num_ref_frames_in_pic_order_cnt_cycle"));
    for (std::int32_t& offset : sps.offsets_for_ref_frame) offset = reader.ReadSe();
  }
}

void ParseCropping(BitReader& reader, H264Sps& sps) {
  sps.width = sps.coded_width;
  sps.height = sps.coded_height;
  if (!reader.ReadFlag()) return;
  // CropUnitX and CropUnitY (7-19 to 7-22).
  const bool subsampled = !sps.separate_colour_planes;
  const int unit_x =
      subsampled && (sps.chroma_format_idc == 1 || sps.chroma_format_idc == 2) ? 2 : 1;
  const int unit_y =
      (subsampled && sps.chroma_format_idc == 1 ? 2 : 1) * (sps.frame_mbs_only ? 1 : 2);
  const auto read_offset = [&](int size, int unit) {
    return unit * static_cast<int>(reader.ReadUeUpTo(static_cast<std::uint32_t>(size / unit),
                                                     "frame_crop_offset"));
  };
  sps.crop_left = read_offset(sps.coded_width, unit_x);
  const int crop_right = read_offset(sps.coded_width, unit_x);
  sps.crop_top = read_offset(sps.coded_height, unit_y);
  const int crop_bottom = read_offset(sps.coded_height, unit_y);
  sps.width -= sps.crop_left + crop_right;
  sps.height -= sps.crop_top + crop_bottom;
  if (sps.width <= 0 || sps.height <= 0) {
    throw Error(ErrorCode::kExec, "the cropping leaves no picture");
  }
}

void ParseSize(BitReader& reader, H264Sps& sps) {
  const auto read_macroblocks = [&](const char* field) {
    return 1 + static_cast<int>(reader.ReadUeUpTo(kMaxMacroblocksPerSide - 1, field));
  };
  sps.coded_width = 16 * read_macroblocks("pic_width_in_mbs_minus1");
  const int map_units = read_macroblocks("pic_height_in_map_units_minus1");
  sps.frame_mbs_only = reader.ReadFlag();
  sps.coded_height = 16 * map_units * (sps.frame_mbs_only ? 1 : 2);
  if (!sps.frame_mbs_only) sps.mb_adaptive_frame_field = reader.ReadFlag();
  sps.direct_8x8_inference = reader.ReadFlag();
  ParseCropping(reader, sps);
}

// hrd_parameters() (E.1.2).
void SkipHrd(BitReader& reader) {
  const std::uint32_t count = 1 + reader.ReadUeUpTo(31, "cpb_cnt_minus1");
  reader.SkipBits(8);  // bit_rate_scale, cpb_size_scale
  for (std::uint32_t i = 0; i < count; ++i) {
    reader.ReadUe();     // bit_rate_value_minus1
    reader.ReadUe();     // cpb_size_value_minus1
    reader.SkipBits(1);  // cbr_flag
  }
  reader.SkipBits(20);  // Lengths of the delays and of the time offset.
}

void ParseRestriction(BitReader& reader, H264Sps& sps) {
  reader.SkipBits(1);                           // motion_vectors_over_pic_boundaries_flag
  for (int i = 0; i < 4; ++i) reader.ReadUe();  // Denominators and lengths of motion vectors.
  H264Restriction restriction;
  // Both are at most MaxDpbFrames, so at most 16. Nothing is sized by the second one, so a stream
  // that exaggerates it is let through.
  restriction.max_num_reorder_frames =
      static_cast<int>(reader.ReadUeUpTo(16, "max_num_reorder_frames"));
  restriction.max_dec_frame_buffering =
      static_cast<int>(reader.ReadUeUpTo(255, "max_dec_frame_buffering"));
  sps.restriction = restriction;
}

void ParseVui(BitReader& reader, H264Sps& sps) {
  sps.has_vui = true;
  sps.usability = ParseVideoUsability(reader);
  sps.timing_flag_position = reader.position();
  if (reader.ReadFlag()) {
    VideoTiming timing;
    timing.units_in_tick = reader.ReadBits(32);
    timing.time_scale = reader.ReadBits(32);
    sps.fixed_frame_rate = reader.ReadFlag();
    // Both shall be above 0; encoders that write 0 mean that they do not know.
    if (timing.units_in_tick != 0 && timing.time_scale != 0) sps.timing = timing;
  }
  const bool nal_hrd = reader.ReadFlag();
  if (nal_hrd) SkipHrd(reader);
  const bool vcl_hrd = reader.ReadFlag();
  if (vcl_hrd) SkipHrd(reader);
  if (nal_hrd || vcl_hrd) reader.SkipBits(1);  // low_delay_hrd_flag
  reader.SkipBits(1);                          // pic_struct_present_flag
  if (reader.ReadFlag()) ParseRestriction(reader, sps);
}

// slice_group_map_type and what it brings (7.3.2.2).
void SkipSliceGroups(BitReader& reader, int groups) {
  const std::uint32_t map_type = reader.ReadUeUpTo(6, "slice_group_map_type");
  if (map_type == 0) {
    for (int i = 0; i < groups; ++i) reader.ReadUe();  // run_length_minus1
  } else if (map_type == 2) {
    for (int i = 0; i < 2 * (groups - 1); ++i) reader.ReadUe();  // top_left, bottom_right
  } else if (map_type >= 3 && map_type <= 5) {
    reader.SkipBits(1);  // slice_group_change_direction_flag
    reader.ReadUe();     // slice_group_change_rate_minus1
  } else if (map_type == 6) {
    const std::size_t units = std::size_t{1} + reader.ReadUe();
    const std::size_t id_bits = groups > 4 ? 3 : groups > 2 ? 2 : 1;
    reader.SkipBits(units * id_bits);  // slice_group_id
  }
}

// MaxDpbMbs of Table A-1.
int MaxDpbMacroblocks(const H264Sps& sps) {
  // Level 1b is level_idc 9, or 11 with constraint_set3_flag in the profiles that predate it.
  const bool is_1b = sps.level_idc == 11 && (sps.constraint_flags & kConstraintSet3) != 0 &&
                     (sps.profile_idc == 66 || sps.profile_idc == 77 || sps.profile_idc == 88);
  switch (is_1b ? 9 : sps.level_idc) {
    case 9:
    case 10:
      return 396;
    case 11:
      return 900;
    case 12:
    case 13:
    case 20:
      return 2376;
    case 21:
      return 4752;
    case 22:
    case 30:
      return 8100;
    case 31:
      return 18000;
    case 32:
      return 20480;
    case 40:
    case 41:
      return 32768;
    case 42:
      return 34816;
    case 50:
      return 110400;
    case 51:
    case 52:
      return 184320;
    case 60:
    case 61:
    case 62:
      return 696320;
    default:
      return 0;
  }
}

// The profiles in which constraint_set3_flag means "intra only" (A.2.8 to A.2.11).
bool IsIntraOnly(const H264Sps& sps) {
  if (sps.profile_idc == 44) return true;
  const bool has_intra_profile = sps.profile_idc == 100 || sps.profile_idc == 110 ||
                                 sps.profile_idc == 122 || sps.profile_idc == 244 ||
                                 sps.profile_idc == 86;
  return has_intra_profile && (sps.constraint_flags & kConstraintSet3) != 0;
}

}  // namespace

H264Sps ParseH264Sps(ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader = OpenParameterSet(raw, H264NalType::kSps, "SPS");
  H264Sps sps;
  sps.profile_idc = static_cast<int>(reader.ReadBits(8));
  sps.constraint_flags = static_cast<std::uint8_t>(reader.ReadBits(8));
  sps.level_idc = static_cast<int>(reader.ReadBits(8));
  sps.id = static_cast<int>(reader.ReadUeUpTo(31, "seq_parameter_set_id"));
  if (HasChromaFields(sps.profile_idc)) ParseChromaFields(reader, sps);
  sps.frame_num_bits = 4 + static_cast<int>(reader.ReadUeUpTo(12, "log2_max_frame_num_minus4"));
  ParsePicOrderCount(reader, sps);
  sps.max_num_ref_frames = static_cast<int>(reader.ReadUeUpTo(16, "max_num_ref_frames"));
  sps.gaps_in_frame_num_allowed = reader.ReadFlag();
  ParseSize(reader, sps);
  if (reader.ReadFlag()) ParseVui(reader, sps);
  return sps;
}

H264Pps ParseH264Pps(ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader = OpenParameterSet(raw, H264NalType::kPps, "PPS");
  H264Pps pps;
  pps.id = static_cast<int>(reader.ReadUeUpTo(255, "pic_parameter_set_id"));
  pps.sps_id = static_cast<int>(reader.ReadUeUpTo(31, "seq_parameter_set_id"));
  pps.cabac = reader.ReadFlag();
  pps.bottom_field_pic_order_in_frame_present = reader.ReadFlag();
  pps.num_slice_groups = 1 + static_cast<int>(reader.ReadUeUpTo(7, "num_slice_groups_minus1"));
  if (pps.num_slice_groups > 1) SkipSliceGroups(reader, pps.num_slice_groups);
  pps.default_ref_count_l0 =
      1 + static_cast<int>(reader.ReadUeUpTo(31, "num_ref_idx_l0_default_active_minus1"));
  pps.default_ref_count_l1 =
      1 + static_cast<int>(reader.ReadUeUpTo(31, "num_ref_idx_l1_default_active_minus1"));
  pps.weighted_pred = reader.ReadFlag();
  pps.weighted_bipred_idc = static_cast<int>(reader.ReadBits(2));
  pps.pic_init_qp = 26 + reader.ReadSe();
  reader.ReadSe();  // pic_init_qs_minus26
  reader.ReadSe();  // chroma_qp_index_offset
  pps.deblocking_control_present = reader.ReadFlag();
  pps.constrained_intra_pred = reader.ReadFlag();
  pps.redundant_pic_cnt_present = reader.ReadFlag();
  if (reader.HasMoreRbspData()) pps.transform_8x8_mode = reader.ReadFlag();
  return pps;
}

int MaxDpbFrames(const H264Sps& sps) {
  constexpr int kMost = 16;
  const int macroblocks = MaxDpbMacroblocks(sps);
  if (macroblocks == 0) return kMost;
  const int frames = macroblocks / (sps.coded_width / 16 * (sps.coded_height / 16));
  // Encoders that understate their level still need room for their reference frames.
  return std::min(kMost, std::max(frames, sps.max_num_ref_frames));
}

int ReorderDepth(const H264Sps& sps) {
  if (sps.restriction) return sps.restriction->max_num_reorder_frames;
  // Type 2 makes output order decode order (8.2.1.3), and Baseline has no B slices to reorder.
  if (sps.pic_order_cnt_type == 2 || sps.profile_idc == 66 || IsIntraOnly(sps)) return 0;
  return MaxDpbFrames(sps);
}

std::optional<std::string> PixelFormatName(const H264Sps& sps) {
  // libav decodes monochrome H.264 into 4:2:0 with grey chroma.
  const int chroma_format_idc = std::max(sps.chroma_format_idc, 1);
  const int bit_depth_chroma =
      sps.chroma_format_idc == 0 ? sps.bit_depth_luma : sps.bit_depth_chroma;
  return PlanarFormatName(chroma_format_idc, sps.bit_depth_luma, bit_depth_chroma,
                          sps.usability.colour.matrix);
}

std::string_view ProfileName(const H264Sps& sps) {
  const bool intra = (sps.constraint_flags & kConstraintSet3) != 0;
  switch (sps.profile_idc) {
    case 44:
      return "CAVLC 4:4:4";
    case 66:
      return (sps.constraint_flags & kConstraintSet1) != 0 ? "Constrained Baseline" : "Baseline";
    case 77:
      return "Main";
    case 88:
      return "Extended";
    case 100:
      return "High";
    case 110:
      return intra ? "High 10 Intra" : "High 10";
    case 118:
      return "Multiview High";
    case 122:
      return intra ? "High 4:2:2 Intra" : "High 4:2:2";
    case 128:
      return "Stereo High";
    case 144:
      return "High 4:4:4";
    case 244:
      return intra ? "High 4:4:4 Intra" : "High 4:4:4 Predictive";
    default:
      return {};
  }
}

}  // namespace opencut
