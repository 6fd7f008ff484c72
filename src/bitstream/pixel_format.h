// Names of planar pixel formats, as libav spells them.
#pragma once

#include <optional>
#include <string>

namespace opencut {

// The format of decoded pictures: `chroma_format_idc` 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4,
// which is GBR where `matrix` (matrix_coefficients) is 0. Nothing where libav has no such format.
std::optional<std::string> PlanarFormatName(int chroma_format_idc, int bit_depth_luma,
                                            int bit_depth_chroma, int matrix);

}  // namespace opencut
