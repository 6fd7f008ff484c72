#include "pipelines/aac_splice_coder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "bitstream/aac_frame.h"
#include "media/decoder.h"
#include "media/encoder.h"

namespace opencut {
namespace {

constexpr int kRate = 48'000;
constexpr int kFrames = 12;
constexpr AacOverlap kLongSine{true, AacWindowShape::kSine};
constexpr AacOverlap kLongKaiser{true, AacWindowShape::kKaiserBessel};
constexpr AacOverlap kShortSine{false, AacWindowShape::kSine};
constexpr AacOverlap kShortKaiser{false, AacWindowShape::kKaiserBessel};

using Signal = std::vector<std::vector<float>>;  // By channel.

template <typename Value>
Signal MakeSignal(int channels, const Value& value) {
  Signal signal(static_cast<std::size_t>(channels));
  for (int channel = 0; channel < channels; ++channel) {
    for (int i = 0; i < (kFrames + 1) * kAacFrameSamples; ++i) {
      signal[static_cast<std::size_t>(channel)].push_back(static_cast<float>(value(i, channel)));
    }
  }
  return signal;
}

double Sine(int i, int channel) {
  return 0.3 * std::sin(2 * std::numbers::pi * (440 + 560 * channel) * i / kRate);
}

// Frames of the signal, each overlapping the next as `overlaps` says, the last of which repeats.
std::vector<Bytes> Encode(const Signal& signal, const std::vector<AacOverlap>& overlaps,
                          int rate = kRate) {
  AacSpliceCoder coder(rate);
  std::vector<Bytes> frames;
  AacOverlap before = overlaps.front();
  for (std::size_t k = 0; k < kFrames; ++k) {
    const AacOverlap behind = overlaps[std::min(k, overlaps.size() - 1)];
    Samples samples;
    for (const std::vector<float>& channel : signal) {
      const auto from = channel.begin() + static_cast<std::ptrdiff_t>(k * kAacFrameSamples);
      samples.emplace_back(from, from + 2 * kAacFrameSamples);
    }
    frames.push_back(coder.Encode(samples, before, behind));
    before = behind;
  }
  return frames;
}

// As libav's decoder makes them of the frames.
Signal Decode(const std::vector<Bytes>& frames, int channels, int rate = kRate) {
  const Encoder like({.codec = "aac",
                      .sample_rate = rate,
                      .channel_layout = channels == 1 ? "mono" : "stereo",
                      .bit_rate = 128'000});
  Decoder decoder(like.parameters(), Rational(1, rate),
                  {.on_damage = DecoderOptions::OnDamage::kFail});
  Signal signal(static_cast<std::size_t>(channels));
  const auto take = [&] {
    while (const std::optional<Frame> frame = decoder.Receive()) {
      for (int channel = 0; channel < channels; ++channel) {
        const std::span<const float> samples = frame->samples(channel);
        auto& all = signal[static_cast<std::size_t>(channel)];
        all.insert(all.end(), samples.begin(), samples.end());
      }
    }
  };
  std::int64_t pts = 0;
  for (const Bytes& frame : frames) {
    Packet packet = Packet::Copy(frame);
    packet.SetPts(pts);
    pts += kAacFrameSamples;
    EXPECT_TRUE(decoder.Send(packet));
    take();
  }
  decoder.Drain();
  take();
  return signal;
}

// Signal to noise of the frames that have both neighbours, the lowest of all channels, dB.
double WorstRatio(const Signal& signal, const Signal& decoded) {
  double worst = 300;
  for (std::size_t channel = 0; channel < signal.size(); ++channel) {
    EXPECT_GE(decoded[channel].size(), std::size_t{kFrames} * kAacFrameSamples);
    for (std::size_t frame = 1; frame < kFrames; ++frame) {
      double power = 1e-12;
      double noise = 1e-12;
      for (std::size_t i = frame * kAacFrameSamples; i < (frame + 1) * kAacFrameSamples; ++i) {
        power += std::pow(signal[channel][i], 2);
        noise += std::pow(signal[channel][i] - decoded[channel][i], 2);
      }
      worst = std::min(worst, 10 * std::log10(power / noise));
    }
  }
  return worst;
}

TEST(AacSpliceCoder, KeepsTonesAtSixtyDecibelsUnderEveryWindow) {
  const Signal signal = MakeSignal(2, Sine);
  for (const std::vector<AacOverlap>& overlaps : std::vector<std::vector<AacOverlap>>{
           {kLongSine},
           {kLongKaiser},
           {kLongSine, kLongKaiser, kLongSine},
           {kLongSine, kShortSine, kLongSine, kShortKaiser, kLongKaiser, kShortSine, kLongSine}}) {
    EXPECT_GT(WorstRatio(signal, Decode(Encode(signal, overlaps), 2)), 60);
  }
}

TEST(AacSpliceCoder, FillsAFrameWithNoiseAndNoMore) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> noise(-0.9, 0.9);
  const Signal signal = MakeSignal(2, [&](int, int) { return noise(random); });
  const std::vector<Bytes> frames = Encode(signal, {kLongSine});
  for (const Bytes& frame : frames) EXPECT_LE(frame.size(), 2u * 6144 / 8);
  // Six bits a line: white noise takes one for each 6 dB.
  EXPECT_GT(WorstRatio(signal, Decode(frames, 2)), 22);
}

TEST(AacSpliceCoder, CodesOneChannelAtTheOtherRates) {
  for (const int rate : {32'000, 44'100}) {
    const Signal signal = MakeSignal(1, Sine);
    EXPECT_GT(WorstRatio(signal, Decode(Encode(signal, {kLongKaiser}, rate), 1, rate)), 60) << rate;
  }
}

TEST(AacSpliceCoder, LeavesSilenceSilentInAFewBytes) {
  const Signal silence = MakeSignal(2, [](int, int) { return 0; });
  const std::vector<Bytes> frames = Encode(silence, {kLongSine});
  EXPECT_LT(frames.front().size(), 12u);
  for (const std::vector<float>& channel : Decode(frames, 2)) {
    for (const float sample : channel) ASSERT_EQ(sample, 0);
  }
}

TEST(AacSpliceCoder, DoesNotOverloadAtFullScale) {
  const Signal loud = MakeSignal(2, [](int i, int) { return (i / 50) % 2 == 0 ? 1.0 : -1.0; });
  EXPECT_GT(WorstRatio(loud, Decode(Encode(loud, {kLongSine}), 2)), 25);
}

TEST(AacSpliceCoder, UsesTheWindowThatTheOverlapsAskFor) {
  const Signal signal = MakeSignal(2, Sine);
  const std::vector<Bytes> frames =
      Encode(signal, {kLongSine, kShortSine, kLongKaiser, kShortKaiser, kLongSine});
  using Sequence = AacWindowSequence;
  using Shape = AacWindowShape;
  const std::vector<AacWindow> wanted = {
      {Sequence::kOnlyLong, Shape::kSine},         {Sequence::kLongStart, Shape::kSine},
      {Sequence::kLongStop, Shape::kKaiserBessel}, {Sequence::kLongStart, Shape::kKaiserBessel},
      {Sequence::kLongStop, Shape::kSine},         {Sequence::kOnlyLong, Shape::kSine}};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::optional<AacWindow> read = ReadAacWindow(frames[i]);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sequence, wanted[i].sequence) << i;
    EXPECT_EQ(read->shape, wanted[i].shape) << i;
  }
}

}  // namespace
}  // namespace opencut
