// Sequence and picture parameter sets of H.264 (7.3.2.1, 7.3.2.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/video_usability.h"

namespace opencut {

// bitstream_restriction of the VUI, as far as it concerns reordering.
struct H264Restriction {
  int max_num_reorder_frames = 0;
  int max_dec_frame_buffering = 0;
};

struct H264Sps {
  int profile_idc = 0;
  std::uint8_t constraint_flags = 0;  // The byte after profile_idc: constraint_set0_flag is 0x80.
  int level_idc = 0;                  // 31 is level 3.1.
  int id = 0;
  int chroma_format_idc = 1;  // 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  bool separate_colour_planes = false;
  int bit_depth_luma = 8;
  int bit_depth_chroma = 8;
  int frame_num_bits = 4;                    // log2_max_frame_num.
  int pic_order_cnt_type = 0;                // 0 to 2.
  int pic_order_cnt_bits = 4;                // log2_max_pic_order_cnt_lsb; type 0 only.
  bool delta_pic_order_always_zero = false;  // Type 1 only, as are the next three.
  std::int32_t offset_for_non_ref_pic = 0;
  std::int32_t offset_for_top_to_bottom_field = 0;
  std::vector<std::int32_t> offsets_for_ref_frame;
  int max_num_ref_frames = 0;
  bool gaps_in_frame_num_allowed = false;
  bool frame_mbs_only = true;  // False: interlaced coding is possible.
  bool mb_adaptive_frame_field = false;
  bool direct_8x8_inference = false;
  int coded_width = 0;   // Luma samples, whole macroblocks.
  int coded_height = 0;  // Of a frame.
  int crop_left = 0;     // Luma samples.
  int crop_top = 0;
  int width = 0;  // After cropping.
  int height = 0;
  bool has_vui = false;
  VideoUsability usability;
  std::optional<VideoTiming> timing;  // One tick is a field: a frame lasts two.
  // Where timing_info_present_flag stands: bits from the start of the RBSP. Unset without VUI.
  std::optional<std::size_t> timing_flag_position;
  bool fixed_frame_rate = false;
  std::optional<H264Restriction> restriction;
};

struct H264Pps {
  int id = 0;
  int sps_id = 0;
  bool cabac = false;  // entropy_coding_mode_flag.
  bool bottom_field_pic_order_in_frame_present = false;
  int num_slice_groups = 1;
  int default_ref_count_l0 = 1;  // num_ref_idx_l0_default_active.
  int default_ref_count_l1 = 1;
  bool weighted_pred = false;
  int weighted_bipred_idc = 0;
  int pic_init_qp = 26;
  bool deblocking_control_present = false;
  bool constrained_intra_pred = false;
  bool redundant_pic_cnt_present = false;
  bool transform_8x8_mode = false;
};

// Take a NAL unit. Throw Error(kExec) when it is truncated, of another type or holds a value that
// the standard forbids.
H264Sps ParseH264Sps(ByteView nal);
H264Pps ParseH264Pps(ByteView nal);

// MaxDpbFrames (A.3.1): how many frames the decoded picture buffer holds at the level, but at least
// the stream's reference frames; 16 for a level that Table A-1 does not list.
int MaxDpbFrames(const H264Sps& sps);

// The most frames that can precede a frame in decode order and follow it in output order: what the
// stream says, or the least that its profile and level guarantee.
int ReorderDepth(const H264Sps& sps);

// libav's names: "yuv420p10le" (never a "yuvj"; the range stands apart), and nothing where libav
// has none; "Constrained Baseline", empty where libav has none.
std::optional<std::string> PixelFormatName(const H264Sps& sps);
std::string_view ProfileName(const H264Sps& sps);

}  // namespace opencut
