#include "media/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace opencut {
namespace {

using ::testing::Each;

TEST(Frame, OfVideoHasRowsWithoutPadding) {
  Frame frame = Frame::Video(33, 5, "yuv420p");
  EXPECT_EQ(frame.pixel_format(), "yuv420p");
  EXPECT_EQ(frame.row(0, 4).size(), 33u);
  EXPECT_EQ(frame.row(1, 2).size(), 17u);
  EXPECT_EQ(Frame::Video(33, 5, "yuv420p10le").row(0, 0).size(), 66u);
  frame.mutable_row(0, 4)[32] = 77;
  EXPECT_EQ(frame.row(0, 4)[32], 77);
}

TEST(Frame, OfAudioIsSilentPlanarFloat) {
  const Frame frame = Frame::Audio(48000, "5.1", 1024);
  EXPECT_EQ(frame.sample_rate(), 48000);
  EXPECT_EQ(frame.channels(), 6);
  EXPECT_EQ(frame.channel_layout(), "5.1");
  EXPECT_EQ(frame.sample_format(), "fltp");
  for (int channel = 0; channel < 6; ++channel) {
    ASSERT_EQ(frame.samples(channel).size(), 1024u);
    EXPECT_THAT(frame.samples(channel), Each(0.0f));
  }
}

// AVFrame::data has room for eight planes only.
TEST(Frame, ReachesEveryOfSixteenChannels) {
  Frame frame = Frame::Audio(48000, "hexadecagonal", 8);
  for (int channel = 0; channel < 16; ++channel) {
    frame.mutable_samples(channel)[7] = static_cast<float>(channel);
  }
  for (int channel = 0; channel < 16; ++channel) {
    EXPECT_EQ(frame.samples(channel)[7], static_cast<float>(channel));
  }
}

TEST(Frame, AClonesContentIsSharedUntilOneIsWrittenTo) {
  Frame frame = Frame::Audio(48000, "stereo", 16);
  frame.SetPts(5);
  frame.SetDuration(16);
  Frame clone = frame.Clone();
  EXPECT_EQ(clone.samples(1).data(), frame.samples(1).data());
  clone.mutable_samples(1)[3] = 0.5f;
  EXPECT_EQ(clone.pts(), 5);
  EXPECT_EQ(clone.duration(), 16);
  EXPECT_EQ(clone.samples(1)[3], 0.5f);
  EXPECT_EQ(frame.samples(1)[3], 0.0f);
}

TEST(Frame, KeepsColourAspectAndTimes) {
  Frame frame = Frame::Video(16, 16, "yuv420p");
  EXPECT_EQ(frame.pts(), std::nullopt);
  EXPECT_EQ(frame.sample_aspect_ratio(), Rational(0));
  const Colour colour{.full_range = true,
                      .range_known = true,
                      .primaries = 9,
                      .transfer = 16,
                      .matrix = 9,
                      .chroma_location = 3};
  frame.SetColour(colour);
  frame.SetSampleAspectRatio(Rational(16, 11));
  frame.SetPts(-4);
  EXPECT_EQ(frame.colour(), colour);
  EXPECT_EQ(frame.sample_aspect_ratio(), Rational(16, 11));
  EXPECT_EQ(frame.pts(), -4);
}

TEST(Frame, RefusesAFormatThatLibavDoesNotKnow) {
  EXPECT_THROW(Frame::Video(16, 16, "yuv421p"), Error);
  EXPECT_THROW(Frame::Audio(48000, "quadrophobic", 16), Error);
}

}  // namespace
}  // namespace opencut
