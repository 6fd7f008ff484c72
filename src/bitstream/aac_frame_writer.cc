#include "bitstream/aac_frame_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "bitstream/aac_tables.h"
#include "bitstream/bit_reader.h"
#include "bitstream/bit_writer.h"

namespace opencut {
namespace {

constexpr std::size_t kMostBitsOfChannel = 6144;
// What stands around the channels, rounded up.
constexpr std::size_t kBitsAround = 32;
constexpr int kScalefactorOffset = 100;  // SF_OFFSET, 4.6.2.3.3.
constexpr int kMostScalefactorStep = 60;
// Steps below this give noise of a twentieth of a 16-bit step: nothing to be heard.
constexpr int kLeastScalefactor = kScalefactorOffset + 12;
constexpr int kMostScalefactor = 255;
constexpr int kMostQuantized = 8191;
constexpr double kRounding = 0.4054;  // Of the usual quantizer: the least mean error under ^(4/3).
constexpr int kSmallestEscape = 16;

enum class Codebook : std::uint32_t { kZero = 0, kUpTo7 = 7, kEscape = 11 };

struct Band {
  int first = 0;
  int end = 0;
  int scalefactor = 0;
  Codebook codebook = Codebook::kZero;
};

struct Channel {
  std::vector<Band> bands;
  std::array<int, kAacFrameSamples> lines{};
};

std::span<const int> BandLimits(int sample_rate) {
  if (sample_rate == 32'000) return aac::kBandsAt32000;
  return aac::kBandsAt48000And44100;
}

double MeanMagnitude(const AacSpectrum& spectrum, const Band& band) {
  double power = 0;
  for (int i = band.first; i < band.end; ++i) {
    const double line = spectrum[static_cast<std::size_t>(i)];
    power += line * line;
  }
  return std::sqrt(power / (band.end - band.first));
}

// The step, as a scale factor, at which a line of `magnitude` becomes about `target`.
int ScalefactorFor(double magnitude, double target) {
  const double step = magnitude / std::pow(target, 4.0 / 3.0);
  const double exact = kScalefactorOffset + 4 * std::log2(std::max(step, 1e-9));
  return std::clamp(static_cast<int>(std::lround(exact)), kLeastScalefactor, kMostScalefactor);
}

int Quantized(double line, double inverse_step) {
  const double magnitude = std::pow(std::abs(line) * inverse_step, 0.75) + kRounding;
  const int value = std::min(static_cast<int>(magnitude), kMostQuantized);
  return line < 0 ? -value : value;
}

void QuantizeBand(const AacSpectrum& spectrum, Band& band, Channel& channel) {
  const double inverse_step = std::exp2((kScalefactorOffset - band.scalefactor) / 4.0);
  int largest = 0;
  for (int i = band.first; i < band.end; ++i) {
    const auto at = static_cast<std::size_t>(i);
    channel.lines[at] = Quantized(spectrum[at], inverse_step);
    largest = std::max(largest, std::abs(channel.lines[at]));
  }
  band.codebook = largest == 0   ? Codebook::kZero
                  : largest <= 7 ? Codebook::kUpTo7
                                 : Codebook::kEscape;
}

// Lines of about `target` in every band, where that is heard.
Channel Quantize(const AacSpectrum& spectrum, std::span<const int> limits, double target) {
  Channel channel;
  std::optional<int> last;
  for (std::size_t b = 0; b + 1 < limits.size(); ++b) {
    Band band{.first = limits[b], .end = limits[b + 1]};
    band.scalefactor = ScalefactorFor(MeanMagnitude(spectrum, band), target);
    if (last) {
      band.scalefactor =
          std::clamp(band.scalefactor, *last - kMostScalefactorStep, *last + kMostScalefactorStep);
    }
    QuantizeBand(spectrum, band, channel);
    if (band.codebook != Codebook::kZero) last = band.scalefactor;
    channel.bands.push_back(band);
  }
  return channel;
}

void Write(const aac::HuffmanCode& code, BitWriter& writer) {
  writer.WriteBits(code.code, code.bits);
}

// section_data(), Table 4.52.
void WriteSections(const Channel& channel, std::size_t band_count, BitWriter& writer) {
  constexpr std::size_t kLengthEscape = 31;
  for (std::size_t b = 0; b < band_count;) {
    const Codebook codebook = channel.bands[b].codebook;
    std::size_t length = 0;
    while (b < band_count && channel.bands[b].codebook == codebook) {
      ++length;
      ++b;
    }
    writer.WriteBits(static_cast<std::uint32_t>(codebook), 4);
    for (; length >= kLengthEscape; length -= kLengthEscape) writer.WriteBits(kLengthEscape, 5);
    writer.WriteBits(static_cast<std::uint32_t>(length), 5);
  }
}

void WriteSign(int value, BitWriter& writer) {
  if (value != 0) writer.WriteFlag(value < 0);
}

// 4.6.3.3: as many ones as the value has bits beyond five, a zero, the bits below the highest.
void WriteEscape(int magnitude, BitWriter& writer) {
  if (magnitude < kSmallestEscape) return;
  int bits = 4;
  while (magnitude >> (bits + 1) != 0) ++bits;
  for (int i = 4; i < bits; ++i) writer.WriteFlag(true);
  writer.WriteFlag(false);
  writer.WriteBits(static_cast<std::uint32_t>(magnitude) - (1u << bits), bits);
}

void WriteLines(const Channel& channel, std::size_t band_count, BitWriter& writer) {
  for (std::size_t b = 0; b < band_count; ++b) {
    const Band& band = channel.bands[b];
    if (band.codebook == Codebook::kZero) continue;
    for (int i = band.first; i < band.end; i += 2) {
      const int first = channel.lines[static_cast<std::size_t>(i)];
      const int second = channel.lines[static_cast<std::size_t>(i) + 1];
      const bool escapes = band.codebook == Codebook::kEscape;
      const int most = escapes ? kSmallestEscape : 7;
      const int index =
          std::min(std::abs(first), most) * (most + 1) + std::min(std::abs(second), most);
      Write(escapes ? aac::kCodebook11[index] : aac::kCodebook7[index], writer);
      WriteSign(first, writer);
      WriteSign(second, writer);
      if (escapes) WriteEscape(std::abs(first), writer);
      if (escapes) WriteEscape(std::abs(second), writer);
    }
  }
}

// individual_channel_stream() without ics_info(), Table 4.50.
void WriteChannel(const Channel& channel, std::size_t band_count, BitWriter& writer) {
  int last = kScalefactorOffset;
  for (std::size_t b = 0; b < band_count; ++b) {
    if (channel.bands[b].codebook == Codebook::kZero) continue;
    last = channel.bands[b].scalefactor;
    break;
  }
  writer.WriteBits(static_cast<std::uint32_t>(last), 8);  // global_gain
  WriteSections(channel, band_count, writer);
  for (std::size_t b = 0; b < band_count; ++b) {
    const Band& band = channel.bands[b];
    if (band.codebook == Codebook::kZero) continue;
    Write(aac::kScalefactorCodes[band.scalefactor - last + kMostScalefactorStep], writer);
    last = band.scalefactor;
  }
  writer.WriteBits(0, 3);  // pulse_data_present, tns_data_present, gain_control_data_present
  WriteLines(channel, band_count, writer);
}

std::size_t UsedBands(const Channel& channel) {
  const auto last = std::find_if(channel.bands.rbegin(), channel.bands.rend(),
                                 [](const Band& band) { return band.codebook != Codebook::kZero; });
  return static_cast<std::size_t>(channel.bands.rend() - last);
}

// ics_info(), Table 4.6.
void WriteInfo(const AacWindow& window, std::size_t band_count, BitWriter& writer) {
  writer.WriteFlag(false);  // ics_reserved_bit
  writer.WriteBits(static_cast<std::uint32_t>(window.sequence), 2);
  writer.WriteBits(static_cast<std::uint32_t>(window.shape), 1);
  writer.WriteBits(static_cast<std::uint32_t>(band_count), 6);  // max_sfb
  writer.WriteFlag(false);                                      // predictor_data_present
}

BitWriter WriteBlock(const std::vector<Channel>& channels, const AacWindow& window) {
  constexpr std::uint32_t kSingle = 0;
  constexpr std::uint32_t kPair = 1;
  constexpr std::uint32_t kEnd = 7;
  std::size_t band_count = 0;
  for (const Channel& channel : channels) band_count = std::max(band_count, UsedBands(channel));
  BitWriter writer;
  const bool pair = channels.size() == 2;
  writer.WriteBits(pair ? kPair : kSingle, 3);
  writer.WriteBits(0, 4);  // element_instance_tag
  if (pair) {
    writer.WriteFlag(true);  // common_window
    WriteInfo(window, band_count, writer);
    writer.WriteBits(0, 2);  // ms_mask_present
    for (const Channel& channel : channels) WriteChannel(channel, band_count, writer);
  } else {
    // Its ics_info() stands behind the gain.
    BitWriter whole;
    WriteChannel(channels.front(), band_count, whole);
    BitReader rest(whole.bytes());
    writer.CopyBits(rest, 8);
    WriteInfo(window, band_count, writer);
    writer.CopyBits(rest, whole.position() - 8);
  }
  writer.WriteBits(kEnd, 3);
  return writer;
}

std::size_t BitsOf(const Channel& channel) {
  BitWriter writer;
  WriteChannel(channel, channel.bands.size(), writer);
  return writer.position();
}

// The finest that fits into a channel's room.
Channel QuantizeToFit(const AacSpectrum& spectrum, std::span<const int> limits) {
  if (std::all_of(spectrum.begin(), spectrum.end(), [](float line) { return line == 0; })) {
    return Quantize(spectrum, limits, 1);
  }
  // Powers of 2^(1/4), from lines that are nearly all 0 to those that hold 16 bits.
  int low = -12;
  int high = 40;
  Channel best = Quantize(spectrum, limits, std::exp2(low / 4.0));
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    Channel channel = Quantize(spectrum, limits, std::exp2(middle / 4.0));
    if (BitsOf(channel) + kBitsAround <= kMostBitsOfChannel) {
      low = middle;
      best = std::move(channel);
    } else {
      high = middle - 1;
    }
  }
  return best;
}

}  // namespace

bool CanWriteAacFrames(int sample_rate, int channels) {
  return (sample_rate == 32'000 || sample_rate == 44'100 || sample_rate == 48'000) &&
         (channels == 1 || channels == 2);
}

Bytes WriteAacFrame(const std::vector<AacSpectrum>& channels, const AacWindow& window,
                    int sample_rate) {
  std::vector<Channel> quantized;
  for (const AacSpectrum& spectrum : channels) {
    quantized.push_back(QuantizeToFit(spectrum, BandLimits(sample_rate)));
  }
  return WriteBlock(quantized, window).bytes();
}

}  // namespace opencut
