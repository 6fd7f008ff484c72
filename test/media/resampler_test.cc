#include "media/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using Signal = std::function<double(std::int64_t)>;

Frame MonoFrame(int sample_rate, std::int64_t first, int count, const Signal& signal) {
  Frame frame = Frame::Audio(sample_rate, "mono", count);
  const auto samples = frame.mutable_samples(0);
  for (int i = 0; i < count; ++i) samples[i] = static_cast<float>(signal(first + i));
  return frame;
}

// `count` samples of `signal` in frames of `frame_size`.
std::vector<float> Resample(int input_rate, int output_rate, int count, int frame_size,
                            const Signal& signal) {
  Resampler resampler(input_rate, "fltp", "mono", output_rate, "mono");
  std::vector<float> output;
  const auto append = [&](const std::optional<Frame>& frame) {
    if (!frame) return;
    EXPECT_EQ(frame->pts(), static_cast<std::int64_t>(output.size()));
    EXPECT_EQ(frame->sample_rate(), output_rate);
    const auto samples = frame->samples(0);
    output.insert(output.end(), samples.begin(), samples.end());
  };
  for (int at = 0; at < count; at += frame_size) {
    append(resampler.Convert(MonoFrame(input_rate, at, std::min(frame_size, count - at), signal)));
  }
  append(resampler.Flush());
  return output;
}

struct Rates {
  int input;
  int output;
};

const Rates kRates[] = {{44100, 48000}, {48000, 44100},  {32000, 48000}, {96000, 48000},
                        {22050, 48000}, {192000, 44100}, {44056, 48000}};

// Reference: the sine itself, at the times of the output's samples.
TEST(Resampler, PutsEverySampleAtItsTime) {
  for (const Rates rates : kRates) {
    const auto sine = [](double seconds) {
      return std::sin(2 * std::numbers::pi * 997 * seconds + 0.3);
    };
    const auto output = Resample(rates.input, rates.output, 2 * rates.input + 1, 1021,
                                 [&](std::int64_t i) { return sine(double(i) / rates.input); });
    double worst = 0;
    for (std::size_t j = 300; j + 300 < output.size(); ++j) {
      worst = std::max(worst, std::abs(output[j] - sine(double(j) / rates.output)));
    }
    EXPECT_LT(worst, 3e-5) << rates.input << " to " << rates.output;
  }
}

TEST(Resampler, PutsAnImpulseWhereItBelongs) {
  // 44100 : 48000 = 147 : 160.
  const auto output = Resample(44100, 48000, 44100, 1024,
                               [](std::int64_t i) { return i == 147 * 100 ? 1.0 : 0.0; });
  const auto peak = std::max_element(output.begin(), output.end());
  EXPECT_EQ(peak - output.begin(), 160 * 100);
  for (int i = 1; i < 20; ++i) EXPECT_NEAR(*(peak - i), *(peak + i), 1e-6);
}

TEST(Resampler, GivesAsManySamplesAsTheTimeHolds) {
  for (const Rates rates : kRates) {
    for (const int count : {1, 2, 15, 100, 1024, 44100, 48000}) {
      const auto output =
          Resample(rates.input, rates.output, count, 480, [](std::int64_t) { return 0.25; });
      const std::int64_t expected =
          (std::int64_t{count} * rates.output + rates.input - 1) / rates.input;
      EXPECT_EQ(static_cast<std::int64_t>(output.size()), expected)
          << count << " of " << rates.input << " to " << rates.output;
    }
  }
}

TEST(Resampler, LeavesSamplesOfTheSameRateAlone) {
  const auto signal = [](std::int64_t i) { return double(i % 1000) / 1000; };
  const auto output = Resample(48000, 48000, 5000, 777, signal);
  ASSERT_EQ(output.size(), 5000u);
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(output[i], static_cast<float>(signal(i)));
}

TEST(Resampler, GivesNothingForNothing) {
  Resampler resampler(44100, "fltp", "mono", 48000, "mono");
  EXPECT_FALSE(resampler.Flush().has_value());
}

// Reference: ffmpeg's aresample, which ends otherwise: the last samples are not compared.
TEST(Resampler, ConvertsFormatAndLayoutAsFfmpegDoes) {
  const std::string clip = testing::Clip(
      "-f lavfi -i \"aevalsrc=0.3*sin(880*t)|0.2*sin(1440*t)|0.1*sin(5000*t)|0|0.2*sin(99*t)|"
      "0.15*sin(3000*t):c=5.1:s=44100:d=0.5\" -c:a pcm_s16le",
      "wav");
  const testing::ReadStream stream = testing::ReadPackets(clip, MediaType::kAudio);
  Resampler resampler(44100, "s16", "5.1", 48000, "stereo");
  std::vector<float> output;
  for (const Packet& packet : stream.packets) {
    Frame frame;
    const ChannelLayout layout("5.1");
    frame.get()->nb_samples = static_cast<int>(packet.size_bytes() / 12);
    frame.get()->format = AV_SAMPLE_FMT_S16;
    frame.get()->sample_rate = 44100;
    av_channel_layout_copy(&frame.get()->ch_layout, &layout.get());
    Check(av_frame_get_buffer(frame.get(), 0), "allocate");
    std::copy(packet.bytes().begin(), packet.bytes().end(), frame.get()->data[0]);
    const auto converted = resampler.Convert(frame);
    if (!converted) continue;
    for (int i = 0; i < converted->sample_count(); ++i) {
      for (int c = 0; c < 2; ++c) output.push_back(converted->samples(c)[i]);
    }
  }
  const auto expected = testing::FfmpegSamples(clip, "-ac 2 -ar 48000");
  ASSERT_GT(output.size(), expected.size() - 200);
  for (std::size_t i = 0; i < output.size(); ++i) ASSERT_NEAR(output[i], expected[i], 1e-6) << i;
}

TEST(Resampler, RefusesAFrameOfAnotherFormat) {
  Resampler resampler(44100, "fltp", "stereo", 48000, "stereo");
  EXPECT_THROW(resampler.Convert(Frame::Audio(48000, "stereo", 10)).has_value(), Error);
  EXPECT_THROW(resampler.Convert(Frame::Audio(44100, "mono", 10)).has_value(), Error);
  EXPECT_THROW(Resampler(44100, "fltp", "stereo", 48000, "nothing"), Error);
}

}  // namespace
}  // namespace opencut
