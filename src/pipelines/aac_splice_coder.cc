#include "pipelines/aac_splice_coder.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace opencut {
namespace {

constexpr std::size_t kLong = kAacFrameSamples;
constexpr std::size_t kShort = 128;
constexpr float kFullScale = 32768.0F;

// 4.6.11.3.2: the rising half of a window of 2 * length samples.
std::vector<double> Slope(AacWindowShape shape, std::size_t length) {
  std::vector<double> slope;
  const auto count = static_cast<double>(length);
  if (shape == AacWindowShape::kSine) {
    for (std::size_t n = 0; n < length; ++n) {
      slope.push_back(std::sin(std::numbers::pi / (2 * count) * (static_cast<double>(n) + 0.5)));
    }
    return slope;
  }
  const double alpha = length == kLong ? 4 : 6;
  double sum = 0;
  for (std::size_t n = 0; n <= length; ++n) {
    const double x = 2 * static_cast<double>(n) / count - 1;
    sum += std::cyl_bessel_i(0.0, std::numbers::pi * alpha * std::sqrt(1 - x * x));
    slope.push_back(sum);
  }
  for (double& value : slope) value = std::sqrt(value / sum);
  slope.pop_back();
  return slope;
}

std::size_t IndexOf(const AacOverlap& overlap) {
  return (overlap.is_long ? 2 : 0) + (overlap.shape == AacWindowShape::kKaiserBessel ? 1 : 0);
}

AacWindowSequence SequenceOf(const AacOverlap& before, const AacOverlap& behind) {
  if (!before.is_long) return AacWindowSequence::kLongStop;
  return behind.is_long ? AacWindowSequence::kOnlyLong : AacWindowSequence::kLongStart;
}

}  // namespace

AacSpliceCoder::AacSpliceCoder(int sample_rate)
    : sample_rate_(sample_rate), transform_(kAacFrameSamples) {
  for (const bool is_long : {false, true}) {
    for (const AacWindowShape shape : {AacWindowShape::kSine, AacWindowShape::kKaiserBessel}) {
      const AacOverlap overlap{is_long, shape};
      rising_[IndexOf(overlap)] = Rising(overlap);
    }
  }
}

AacSpliceCoder::HalfWindow AacSpliceCoder::Rising(const AacOverlap& overlap) {
  const std::size_t length = overlap.is_long ? kLong : kShort;
  const std::size_t flat = (kLong - length) / 2;
  HalfWindow rising;
  rising.fill(1.0F);
  const std::vector<double> slope = Slope(overlap.shape, length);
  for (std::size_t n = 0; n < flat; ++n) rising[n] = 0.0F;
  for (std::size_t n = 0; n < length; ++n) rising[flat + n] = static_cast<float>(slope[n]);
  return rising;
}

const AacSpliceCoder::HalfWindow& AacSpliceCoder::RisingOf(const AacOverlap& overlap) const {
  return rising_[IndexOf(overlap)];
}

Bytes AacSpliceCoder::Encode(const Samples& samples, const AacOverlap& before,
                             const AacOverlap& behind) {
  const HalfWindow& rising = RisingOf(before);
  const HalfWindow& falling = RisingOf(behind);
  std::vector<AacSpectrum> spectra(samples.size());
  std::array<float, 2 * kLong> windowed;
  for (std::size_t channel = 0; channel < samples.size(); ++channel) {
    const std::vector<float>& from = samples[channel];
    for (std::size_t n = 0; n < kLong; ++n) {
      windowed[n] = from[n] * rising[n] * kFullScale;
      windowed[2 * kLong - 1 - n] = from[2 * kLong - 1 - n] * falling[n] * kFullScale;
    }
    transform_.Forward(windowed, spectra[channel]);
  }
  const AacWindow window{SequenceOf(before, behind), behind.shape};
  return WriteAacFrame(spectra, window, sample_rate_);
}

}  // namespace opencut
