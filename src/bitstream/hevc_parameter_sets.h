// Video, sequence and picture parameter sets of HEVC (7.3.2.1 to 7.3.2.3), base layer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bitstream/bit_reader.h"
#include "bitstream/bytes.h"
#include "bitstream/video_usability.h"

namespace opencut {

// The general part of profile_tier_level() (7.3.3), laid out as hvcC has it.
struct HevcProfile {
  int space = 0;
  bool high_tier = false;
  int idc = 0;
  std::uint32_t compatibility_flags = 0;  // Flag 0 is the most significant bit.
  std::array<std::uint8_t, 6>
      constraint_flags{};  // general_progressive_source_flag is 0x80 of byte 0.
  int level_idc = 0;       // 30 times the level: 93 is level 3.1.
  friend bool operator==(const HevcProfile&, const HevcProfile&) = default;
};

struct HevcVps {
  int id = 0;
  int max_sub_layers = 1;
  bool temporal_id_nesting = false;
};

struct HevcSps {
  int id = 0;
  int vps_id = 0;
  int max_sub_layers = 1;
  bool temporal_id_nesting = false;
  HevcProfile profile;
  int chroma_format_idc = 1;  // 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  bool separate_colour_planes = false;
  int bit_depth_luma = 8;
  int bit_depth_chroma = 8;
  int coded_width = 0;  // Luma samples.
  int coded_height = 0;
  int crop_left = 0;  // Conformance window, luma samples.
  int crop_top = 0;
  int width = 0;  // After cropping.
  int height = 0;
  int pic_order_cnt_bits = 4;
  int max_dec_pic_buffering = 1;  // Of the highest sub-layer, as is the next.
  int max_num_reorder_pics = 0;
  bool has_vui = false;
  VideoUsability usability;
  bool field_sequence = false;        // field_seq_flag: each picture is a field.
  std::optional<VideoTiming> timing;  // One tick is a picture.
};

struct HevcPps {
  int id = 0;
  int sps_id = 0;
  bool dependent_slice_segments_enabled = false;
  bool output_flag_present = false;
  int num_extra_slice_header_bits = 0;
};

// Take a NAL unit of the base layer. Throw Error(kExec) when it is truncated, of another type or
// layer, or holds a value that the standard forbids.
HevcVps ParseHevcVps(ByteView nal);
HevcSps ParseHevcSps(ByteView nal);
HevcPps ParseHevcPps(ByteView nal);

// Reads profile_tier_level(1, max_sub_layers - 1).
HevcProfile ParseProfileTierLevel(BitReader& reader, int max_sub_layers);

// The most pictures that can precede a picture in decode order and follow it in output order.
int ReorderDepth(const HevcSps& sps);

// libav's names, as for H.264.
std::optional<std::string> PixelFormatName(const HevcSps& sps);
std::string_view ProfileName(const HevcSps& sps);

}  // namespace opencut
