#include "bitstream/hevc_parameter_sets.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.h"
#include "bitstream/nal_unit.h"
#include "bitstream/pixel_format.h"

namespace opencut {

namespace {

// Far above the 16888 samples that level 6.2 allows on one side.
constexpr std::uint32_t kMaxSide = 65535;

BitReader OpenParameterSet(const Bytes& raw, HevcNalType type, const char* name) {
  if (raw.size() < 2 || HevcTypeOf(raw) != type || HevcLayerOf(raw) != 0) {
    throw Error(ErrorCode::kExec, std::string("not an HEVC ") + name + " of the base layer");
  }
  return BitReader(ByteView(raw).subspan(2));
}

int ReadSubLayers(BitReader& reader) {
  const std::uint32_t minus1 = reader.ReadBits(3);
  if (minus1 > 6) throw Error(ErrorCode::kExec, "HEVC: more than 7 temporal sub-layers");
  return static_cast<int>(minus1) + 1;
}

void ParseSize(BitReader& reader, HevcSps& sps) {
  sps.coded_width = static_cast<int>(reader.ReadUeUpTo(kMaxSide, "pic_width_in_luma_samples"));
  sps.coded_height = static_cast<int>(reader.ReadUeUpTo(kMaxSide, "pic_height_in_luma_samples"));
  sps.width = sps.coded_width;
  sps.height = sps.coded_height;
  if (reader.ReadFlag()) {
    // SubWidthC and SubHeightC of Table 6-1.
    const bool subsampled = !sps.separate_colour_planes;
    const int unit_x =
        subsampled && (sps.chroma_format_idc == 1 || sps.chroma_format_idc == 2) ? 2 : 1;
    const int unit_y = subsampled && sps.chroma_format_idc == 1 ? 2 : 1;
    const auto read_offset = [&](int unit) {
      return unit * static_cast<int>(reader.ReadUeUpTo(kMaxSide, "conf_win_offset"));
    };
    sps.crop_left = read_offset(unit_x);
    sps.width -= sps.crop_left + read_offset(unit_x);
    sps.crop_top = read_offset(unit_y);
    sps.height -= sps.crop_top + read_offset(unit_y);
  }
  if (sps.width <= 0 || sps.height <= 0) {
    throw Error(ErrorCode::kExec, "the cropping leaves no picture");
  }
}

// sps_max_dec_pic_buffering_minus1 and what stands beside it; the last sub-layer read is the
// highest.
void ParseSubLayerOrdering(BitReader& reader, HevcSps& sps) {
  const bool each_sub_layer = reader.ReadFlag();
  for (int i = each_sub_layer ? 0 : sps.max_sub_layers - 1; i < sps.max_sub_layers; ++i) {
    sps.max_dec_pic_buffering =
        1 + static_cast<int>(reader.ReadUeUpTo(15, "sps_max_dec_pic_buffering_minus1"));
    sps.max_num_reorder_pics = static_cast<int>(reader.ReadUeUpTo(15, "sps_max_num_reorder_pics"));
    reader.ReadUe();  // sps_max_latency_increase_plus1
  }
}

// scaling_list_data() (7.3.4).
void SkipScalingLists(BitReader& reader) {
  for (int size = 0; size < 4; ++size) {
    for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
      if (!reader.ReadFlag()) {
        reader.ReadUe();  // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (size > 1) reader.ReadSe();  // scaling_list_dc_coef_minus8
      for (int i = 0; i < std::min(64, 1 << (4 + 2 * size)); ++i) reader.ReadSe();
    }
  }
}

// A short-term reference picture set: the distances in POC, first those before the picture and then
// those after it, each from near to far.
using ReferencePictureSet = std::vector<std::int32_t>;

constexpr std::uint32_t kMaxReferencePictures = 16;
constexpr std::uint32_t kMaxDeltaPoc = 32767;

void ReadDistances(BitReader& reader, std::uint32_t count, int sign, ReferencePictureSet& set) {
  std::int32_t distance = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    distance += 1 + static_cast<std::int32_t>(reader.ReadUeUpTo(kMaxDeltaPoc, "delta_poc_minus1"));
    set.push_back(sign * distance);
    reader.SkipBits(1);  // used_by_curr_pic_flag
  }
}

// A set told by its difference from `reference` (7-61, 7-62).
ReferencePictureSet ParsePredictedSet(BitReader& reader, const ReferencePictureSet& reference) {
  const bool is_negative = reader.ReadFlag();  // delta_rps_sign
  const auto magnitude =
      1 + static_cast<std::int32_t>(reader.ReadUeUpTo(kMaxDeltaPoc, "abs_delta_rps_minus1"));
  const std::int32_t delta = is_negative ? -magnitude : magnitude;
  ReferencePictureSet before;
  ReferencePictureSet after;
  for (std::size_t i = 0; i <= reference.size(); ++i) {
    const std::int32_t distance = delta + (i < reference.size() ? reference[i] : 0);
    const bool is_used = reader.ReadFlag();             // used_by_curr_pic_flag
    const bool is_kept = is_used || reader.ReadFlag();  // use_delta_flag
    if (is_kept && distance < 0) before.push_back(distance);
    if (is_kept && distance > 0) after.push_back(distance);
  }
  std::sort(before.rbegin(), before.rend());
  std::sort(after.begin(), after.end());
  before.insert(before.end(), after.begin(), after.end());
  if (before.size() > kMaxReferencePictures) {
    throw Error(ErrorCode::kExec, "HEVC: a reference picture set holds too many pictures");
  }
  return before;
}

// st_ref_pic_set() (7.3.7) as it stands in an SPS. `previous`: the set before it, if any.
ReferencePictureSet ParseReferencePictureSet(BitReader& reader,
                                             const std::optional<ReferencePictureSet>& previous) {
  const bool is_predicted = previous && reader.ReadFlag();  // inter_ref_pic_set_prediction_flag
  if (is_predicted) return ParsePredictedSet(reader, *previous);
  const std::uint32_t before = reader.ReadUeUpTo(kMaxReferencePictures, "num_negative_pics");
  const std::uint32_t after =
      reader.ReadUeUpTo(kMaxReferencePictures - before, "num_positive_pics");
  ReferencePictureSet set;
  ReadDistances(reader, before, -1, set);
  ReadDistances(reader, after, 1, set);
  return set;
}

// As far as the timing; nothing after it is wanted.
void ParseVui(BitReader& reader, HevcSps& sps) {
  sps.has_vui = true;
  sps.usability = ParseVideoUsability(reader);
  reader.SkipBits(1);  // neutral_chroma_indication_flag
  sps.field_sequence = reader.ReadFlag();
  reader.SkipBits(1);  // frame_field_info_present_flag
  if (reader.ReadFlag()) {
    for (int i = 0; i < 4; ++i) reader.ReadUe();  // def_disp_win offsets
  }
  if (reader.ReadFlag()) {
    VideoTiming timing;
    timing.units_in_tick = reader.ReadBits(32);
    timing.time_scale = reader.ReadBits(32);
    if (timing.units_in_tick != 0 && timing.time_scale != 0) sps.timing = timing;
  }
}

// From log2_min_luma_coding_block_size_minus3 to the VUI.
void ParseCodingTools(BitReader& reader, HevcSps& sps) {
  for (int i = 0; i < 6; ++i) reader.ReadUe();  // Block sizes and transform depths.
  if (reader.ReadFlag() && reader.ReadFlag()) SkipScalingLists(reader);
  reader.SkipBits(2);       // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (reader.ReadFlag()) {  // pcm_enabled_flag
    reader.SkipBits(8);     // Bit depths.
    reader.ReadUe();        // log2_min_pcm_luma_coding_block_size_minus3
    reader.ReadUe();        // log2_diff_max_min_pcm_luma_coding_block_size
    reader.SkipBits(1);     // pcm_loop_filter_disabled_flag
  }
  const std::uint32_t set_count = reader.ReadUeUpTo(64, "num_short_term_ref_pic_sets");
  std::optional<ReferencePictureSet> set;
  for (std::uint32_t i = 0; i < set_count; ++i) set = ParseReferencePictureSet(reader, set);
  if (reader.ReadFlag()) {  // long_term_ref_pics_present_flag
    const std::uint32_t count = reader.ReadUeUpTo(32, "num_long_term_ref_pics_sps");
    // lt_ref_pic_poc_lsb_sps and used_by_curr_pic_lt_sps_flag.
    reader.SkipBits(count * static_cast<std::size_t>(sps.pic_order_cnt_bits + 1));
  }
  reader.SkipBits(2);  // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  if (reader.ReadFlag()) ParseVui(reader, sps);
}

}  // namespace

HevcProfile ParseProfileTierLevel(BitReader& reader, int max_sub_layers) {
  HevcProfile profile;
  profile.space = static_cast<int>(reader.ReadBits(2));
  profile.high_tier = reader.ReadFlag();
  profile.idc = static_cast<int>(reader.ReadBits(5));
  profile.compatibility_flags = reader.ReadBits(32);
  for (std::uint8_t& flags : profile.constraint_flags) {
    flags = static_cast<std::uint8_t>(reader.ReadBits(8));
  }
  profile.level_idc = static_cast<int>(reader.ReadBits(8));

  std::size_t sub_layer_bits = 0;
  for (int i = 0; i < max_sub_layers - 1; ++i) {
    if (reader.ReadFlag()) sub_layer_bits += 88;  // sub_layer_profile_present_flag
    if (reader.ReadFlag()) sub_layer_bits += 8;   // sub_layer_level_present_flag
  }
  // reserved_zero_2bits fill the flags up to 8 pairs.
  if (max_sub_layers > 1) reader.SkipBits(2 * static_cast<std::size_t>(9 - max_sub_layers));
  reader.SkipBits(sub_layer_bits);
  return profile;
}

HevcVps ParseHevcVps(ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader = OpenParameterSet(raw, HevcNalType::kVps, "VPS");
  HevcVps vps;
  vps.id = static_cast<int>(reader.ReadBits(4));
  reader.SkipBits(8);  // Base layer flags, vps_max_layers_minus1.
  vps.max_sub_layers = ReadSubLayers(reader);
  vps.temporal_id_nesting = reader.ReadFlag();
  return vps;
}

HevcSps ParseHevcSps(ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader = OpenParameterSet(raw, HevcNalType::kSps, "SPS");
  HevcSps sps;
  sps.vps_id = static_cast<int>(reader.ReadBits(4));
  sps.max_sub_layers = ReadSubLayers(reader);
  sps.temporal_id_nesting = reader.ReadFlag();
  sps.profile = ParseProfileTierLevel(reader, sps.max_sub_layers);
  sps.id = static_cast<int>(reader.ReadUeUpTo(15, "sps_seq_parameter_set_id"));
  sps.chroma_format_idc = static_cast<int>(reader.ReadUeUpTo(3, "chroma_format_idc"));
  if (sps.chroma_format_idc == 3) sps.separate_colour_planes = reader.ReadFlag();
  ParseSize(reader, sps);
  sps.bit_depth_luma = 8 + static_cast<int>(reader.ReadUeUpTo(8, "bit_depth_luma_minus8"));
  sps.bit_depth_chroma = 8 + static_cast<int>(reader.ReadUeUpTo(8, "bit_depth_chroma_minus8"));
  sps.pic_order_cnt_bits =
      4 + static_cast<int>(reader.ReadUeUpTo(12, "log2_max_pic_order_cnt_lsb_minus4"));
  ParseSubLayerOrdering(reader, sps);
  ParseCodingTools(reader, sps);
  return sps;
}

HevcPps ParseHevcPps(ByteView nal) {
  const Bytes raw = StripEmulationPrevention(nal);
  BitReader reader = OpenParameterSet(raw, HevcNalType::kPps, "PPS");
  HevcPps pps;
  pps.id = static_cast<int>(reader.ReadUeUpTo(63, "pps_pic_parameter_set_id"));
  pps.sps_id = static_cast<int>(reader.ReadUeUpTo(15, "pps_seq_parameter_set_id"));
  pps.dependent_slice_segments_enabled = reader.ReadFlag();
  pps.output_flag_present = reader.ReadFlag();
  pps.num_extra_slice_header_bits = static_cast<int>(reader.ReadBits(3));
  return pps;
}

int ReorderDepth(const HevcSps& sps) { return sps.max_num_reorder_pics; }

std::optional<std::string> PixelFormatName(const HevcSps& sps) {
  return PlanarFormatName(sps.chroma_format_idc, sps.bit_depth_luma, sps.bit_depth_chroma,
                          sps.usability.colour.matrix);
}

std::string_view ProfileName(const HevcSps& sps) {
  int idc = sps.profile.idc;
  // Streams that leave the idc at 0 still say what they are compatible with; libav goes by the
  // first.
  for (int i = 1; idc == 0 && i < 32; ++i) {
    if ((sps.profile.compatibility_flags & 0x80000000u >> i) != 0) idc = i;
  }
  switch (idc) {
    case 1:
      return "Main";
    case 2:
      return "Main 10";
    case 3:
      return "Main Still Picture";
    case 4:
      return "Rext";
    default:
      return {};
  }
}

}  // namespace opencut
