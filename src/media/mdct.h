// The modified discrete cosine transform of AAC (ISO/IEC 14496-3, 4.6.11.3.1).
#pragma once

#include <span>

#include "media/libav_ptr.h"

namespace opencut {

// Not thread-safe.
class Mdct {
 public:
  // Gives `lines` lines of twice as many windowed samples.
  explicit Mdct(int lines);

  // X[k] = 2 * sum of x[n] * cos(2 pi / N * (n + n0) * (k + 1/2)), N = 2 * lines,
  // n0 = (N / 2 + 1) / 2. REQUIRES: the sizes said above.
  void Forward(std::span<const float> samples, std::span<float> lines);

 private:
  TransformPtr context_;
  av_tx_fn transform_ = nullptr;
};

}  // namespace opencut
