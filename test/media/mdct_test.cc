#include "media/mdct.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace opencut {
namespace {

TEST(Mdct, IsTheTransformOfTheStandard) {
  constexpr int kLines = 64;
  constexpr int kSamples = 2 * kLines;
  std::vector<float> samples;
  for (int n = 0; n < kSamples; ++n) {
    samples.push_back(
        static_cast<float>(std::sin(n * 0.7) + 0.3 * std::cos(n * n * 0.01) + n / 90.0));
  }
  std::vector<float> lines(kLines);
  Mdct(kLines).Forward(samples, lines);
  const double n0 = (kSamples / 2 + 1) / 2.0;
  for (int k = 0; k < kLines; ++k) {
    double sum = 0;
    for (int n = 0; n < kSamples; ++n) {
      sum += samples[static_cast<std::size_t>(n)] *
             std::cos(2 * std::numbers::pi / kSamples * (n + n0) * (k + 0.5));
    }
    EXPECT_NEAR(lines[static_cast<std::size_t>(k)], 2 * sum, 1e-3) << k;
  }
}

}  // namespace
}  // namespace opencut
