#include "bitstream/pixel_format.h"

namespace opencut {

std::optional<std::string> PlanarFormatName(int chroma_format_idc, int bit_depth_luma,
                                            int bit_depth_chroma, int matrix) {
  const int depth = bit_depth_luma;
  const bool is_gray = chroma_format_idc == 0;
  const bool has_depth = (depth >= 8 && depth <= 10) || depth == 12 || depth == 14;
  if (!has_depth || (!is_gray && bit_depth_chroma != depth)) return std::nullopt;

  std::string name = is_gray                  ? "gray"
                     : chroma_format_idc == 1 ? "yuv420p"
                     : chroma_format_idc == 2 ? "yuv422p"
                     : matrix == 0            ? "gbrp"
                                              : "yuv444p";
  if (depth > 8) name += std::to_string(depth) + "le";
  return name;
}

}  // namespace opencut
