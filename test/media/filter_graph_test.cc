#include "media/filter_graph.h"

#include <gtest/gtest.h>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::DecodeFrames;
using testing::FfmpegFrames;
using testing::FfmpegSamples;
using testing::H264Clip;
using testing::HashedFrame;
using testing::ReadPackets;
using testing::ReadStream;

std::vector<Frame> Filter(FilterGraph& graph, const std::vector<Frame>& frames) {
  std::vector<Frame> filtered;
  const auto take = [&] {
    while (auto frame = graph.Pull()) filtered.push_back(std::move(*frame));
  };
  for (const Frame& frame : frames) {
    graph.Push(frame);
    take();
  }
  graph.Close();
  take();
  return filtered;
}

VideoFilterInput VideoInput(const ReadStream& stream) {
  return {.width = stream.parameters.width(),
          .height = stream.parameters.height(),
          .pixel_format = stream.parameters.pixel_format(),
          .time_base = stream.time_base,
          .frame_rate = 25,
          .colour = stream.parameters.colour()};
}

TEST(FilterGraph, GivesTheFramesOfFfmpeg) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  const std::string filters =
      "scale=160:120:flags=bicubic+accurate_rnd,hflip,pad=200:120:20:0,format=yuv422p";
  for (const int threads : {1, 3}) {
    FilterGraph graph(VideoInput(stream), filters, threads);
    std::vector<HashedFrame> hashed;
    for (const Frame& frame : Filter(graph, DecodeFrames(stream))) {
      EXPECT_EQ(frame.pixel_format(), "yuv422p");
      hashed.push_back(testing::Hashed(frame));
    }
    EXPECT_EQ(hashed, FfmpegFrames(H264Clip(), "-vf " + filters));
    EXPECT_EQ(graph.time_base(), stream.time_base);
  }
}

TEST(FilterGraph, GivesWhatFiltersHoldBackAfterTheEnd) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  FilterGraph graph(VideoInput(stream), "fps=50,reverse,format=yuv420p");
  const std::vector<Frame> frames = Filter(graph, DecodeFrames(stream));
  EXPECT_EQ(graph.time_base(), Rational(1, 50));
  std::vector<HashedFrame> hashed;
  for (const Frame& frame : frames) {
    hashed.push_back(testing::Hashed(frame));
    hashed.back().pts *= 12800 / 50;  // ffmpeg was asked for the clip's time base.
  }
  EXPECT_EQ(hashed.size(), 150u);
  EXPECT_EQ(hashed, FfmpegFrames(H264Clip(), "-vf fps=50,reverse,format=yuv420p"));
}

TEST(FilterGraph, GivesTheSamplesOfFfmpeg) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kAudio);
  const std::string filters = "volume=0.5,aformat=sample_fmts=fltp:channel_layouts=mono";
  FilterGraph graph(AudioFilterInput{.sample_rate = 48000,
                                     .sample_format = "fltp",
                                     .channel_layout = "stereo",
                                     .time_base = stream.time_base},
                    filters);
  std::vector<float> samples;
  for (const Frame& frame : Filter(graph, DecodeFrames(stream))) {
    const auto channel = frame.samples(0);
    samples.insert(samples.end(), channel.begin(), channel.end());
  }
  EXPECT_EQ(samples, FfmpegSamples(H264Clip(), "-af " + filters));
}

TEST(FilterGraph, DoesNotMindFramesThatItsFiltersNoLongerWant) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  FilterGraph graph(VideoInput(stream), "trim=end_frame=3,format=yuv420p");
  EXPECT_EQ(Filter(graph, DecodeFrames(stream)).size(), 3u);
}

TEST(FilterGraph, RefusesAFrameOfAnotherShape) {
  const VideoFilterInput input{
      .width = 64, .height = 48, .pixel_format = "yuv420p", .time_base = Rational(1, 25)};
  FilterGraph graph(input, "format=yuv420p");
  EXPECT_THROW(graph.Push(Frame::Video(64, 50, "yuv420p")), Error);
  EXPECT_THROW(graph.Push(Frame::Video(64, 48, "yuv422p")), Error);
  FilterGraph sound(AudioFilterInput{.sample_rate = 48000,
                                     .sample_format = "fltp",
                                     .channel_layout = "stereo",
                                     .time_base = Rational(1, 48000)},
                    "aformat=sample_fmts=fltp");
  EXPECT_THROW(sound.Push(Frame::Audio(44100, "stereo", 100)), Error);
  EXPECT_THROW(sound.Push(Frame::Audio(48000, "mono", 100)), Error);
}

TEST(FilterGraph, SaysWhichFiltersItCannotSetUp) {
  const VideoFilterInput input{
      .width = 64, .height = 48, .pixel_format = "yuv420p", .time_base = Rational(1, 25)};
  for (const char* description : {"no_such_filter", "split", "scale=w=wide", "anull", ""}) {
    try {
      const FilterGraph graph(input, description);
      FAIL() << description;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kExec);
      EXPECT_NE(std::string(error.what()).find(description), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace opencut
