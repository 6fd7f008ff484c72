#include "media/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "media/coded_header.h"
#include "media/decoder.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::DecodeFrames;
using testing::EncodePackets;
using testing::ErrorOf;
using testing::H264Clip;
using ::testing::HasSubstr;
using testing::HevcClip;
using testing::ReadPackets;
using testing::ReadStream;
using testing::SineFrames;

constexpr int kPictures = 40;

// Frames of a clip, which carry the picture types they had there; one tick is one frame.
std::vector<Frame> Pictures(const std::string& clip) {
  std::vector<Frame> frames = DecodeFrames(ReadPackets(clip, MediaType::kVideo));
  frames.erase(frames.begin() + kPictures, frames.end());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i].SetPts(static_cast<std::int64_t>(i));
    frames[i].SetDuration(1);
  }
  return frames;
}

VideoEncoderOptions Options8Bit(const std::string& codec) {
  return {.codec = codec,
          .width = 320,
          .height = 180,
          .time_base = Rational(1, 25),
          .frame_rate = 25,
          .crf = 20,
          .preset = codec == "libvpx-vp9" ? "" : "superfast",
          .private_options = codec == "libvpx-vp9" ? Options{{"cpu-used", "5"}} : Options{}};
}

// Mean over the luma samples, in dB.
double LumaPsnr(const Frame& a, const Frame& b) {
  double sum = 0;
  for (int y = 0; y < a.height(); ++y) {
    const auto row_a = a.row(0, y);
    const auto row_b = b.row(0, y);
    for (std::size_t x = 0; x < row_a.size(); ++x) {
      const double difference = double(row_a[x]) - double(row_b[x]);
      sum += difference * difference;
    }
  }
  return 10 * std::log10(255.0 * 255.0 * a.width() * a.height() / sum);
}

std::set<int> Keyframes(const std::vector<Packet>& packets) {
  std::set<int> keyframes;
  for (const Packet& packet : packets) {
    if (packet.keyframe()) keyframes.insert(static_cast<int>(*packet.pts()));
  }
  return keyframes;
}

// The header bytes of the NAL units behind start codes (Annex B).
std::vector<int> NalHeaders(std::span<const std::uint8_t> bytes) {
  std::vector<int> headers;
  for (std::size_t i = 0; i + 3 < bytes.size(); ++i) {
    if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) headers.push_back(bytes[i + 3]);
  }
  return headers;
}

class VideoEncoders : public ::testing::TestWithParam<const char*> {};

TEST_P(VideoEncoders, GiveEveryPictureOnceInDtsOrderWithItsDuration) {
  const std::vector<Frame> frames = Pictures(H264Clip());
  Encoder encoder(Options8Bit(GetParam()));
  const std::vector<Packet> packets = EncodePackets(encoder, frames);
  ASSERT_EQ(packets.size(), frames.size());
  std::set<std::int64_t> pts;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    pts.insert(*packets[i].pts());
    EXPECT_EQ(packets[i].duration(), 1);
    EXPECT_LE(*packets[i].dts(), *packets[i].pts());
    // With one tick a picture, pts is the place in the order of showing.
    EXPECT_LE(static_cast<int>(i) - *packets[i].pts(), encoder.reorder_depth());
    if (i > 0) {
      EXPECT_GT(*packets[i].dts(), *packets[i - 1].dts());
    }
  }
  EXPECT_EQ(pts.size(), frames.size());
  EXPECT_EQ(*pts.begin(), 0);
  EXPECT_EQ(*pts.rbegin(), kPictures - 1);
}

TEST_P(VideoEncoders, GiveWhatDecodesToThePicturesTheyGot) {
  const std::vector<Frame> frames = Pictures(H264Clip());
  Encoder encoder(Options8Bit(GetParam()));
  ReadStream stream{encoder.parameters(), encoder.time_base(), EncodePackets(encoder, frames)};
  const std::vector<Frame> decoded = DecodeFrames(stream);
  ASSERT_EQ(decoded.size(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(decoded[i].pts(), static_cast<std::int64_t>(i));
    EXPECT_GT(LumaPsnr(decoded[i], frames[i]), 32) << i;
  }
}

TEST_P(VideoEncoders, MakeOneKeyframeUnlessAskedForMore) {
  const std::vector<Frame> frames = Pictures(H264Clip());  // With a keyframe every 25 pictures.
  VideoEncoderOptions options = Options8Bit(GetParam());
  options.gop_size = std::nullopt;
  Encoder once(options);
  EXPECT_EQ(Keyframes(EncodePackets(once, frames)), (std::set<int>{0}));
  options.gop_size = 16;
  Encoder often(options);
  EXPECT_EQ(Keyframes(EncodePackets(often, frames)), (std::set<int>{0, 16, 32}));
}

INSTANTIATE_TEST_SUITE_P(Each, VideoEncoders, ::testing::Values("libx264", "libx265", "libvpx-vp9"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// H.264, Table 7-1: 7 is an SPS, 8 a PPS, 5 a slice of an IDR picture.
TEST(Encoder, KeepsParameterSetsOutOfPackets) {
  Encoder encoder(Options8Bit("libx264"));
  std::set<int> types;
  for (const int header : NalHeaders(encoder.extradata())) types.insert(header & 31);
  EXPECT_TRUE(types.contains(7) && types.contains(8));
  const std::vector<Packet> packets = EncodePackets(encoder, Pictures(H264Clip()));
  types.clear();
  for (const Packet& packet : packets) {
    for (const int header : NalHeaders(packet.bytes())) types.insert(header & 31);
  }
  EXPECT_FALSE(types.contains(7) || types.contains(8));
  EXPECT_TRUE(types.contains(5));
}

// HEVC, Table 7-1: 19 and 20 are IDR, 21 is CRA, 8 and 9 are RASL pictures of an open GOP.
TEST(Encoder, ClosesTheGopsOfHevc) {
  VideoEncoderOptions options = Options8Bit("libx265");
  options.gop_size = 16;
  Encoder encoder(options);
  std::multiset<int> types;
  for (const Packet& packet : EncodePackets(encoder, Pictures(H264Clip()))) {
    for (const int header : NalHeaders(packet.bytes())) types.insert(header >> 1 & 63);
  }
  EXPECT_EQ(types.count(19) + types.count(20), 3u);
  EXPECT_EQ(types.count(21) + types.count(8) + types.count(9), 0u);
  EXPECT_EQ(types.count(32) + types.count(33) + types.count(34), 0u);
}

// HEVC, Table 7-1: 32 to 34 are parameter sets, 39 is SEI.
TEST(Encoder, WritesHdrBeforeEveryHevcKeyframeAndNoParameterSets) {
  VideoEncoderOptions options = Options8Bit("libx265");
  options.gop_size = 16;
  options.colour.transfer = 18;
  options.private_options = {{"x265-params", "info=0"}};
  options.hdr.content_light = ContentLight{.max_content = 900, .max_frame_average = 300};
  for (const int preferred : {Colour::kUnspecified, 18}) {
    options.hdr.preferred_transfer = preferred;
    Encoder encoder(options);
    for (const Packet& packet : EncodePackets(encoder, Pictures(H264Clip()))) {
      std::multiset<int> types;
      for (const int header : NalHeaders(packet.bytes())) types.insert(header >> 1 & 63);
      const bool transfer = preferred != Colour::kUnspecified;
      EXPECT_EQ(types.count(39), packet.keyframe() ? 1u + transfer : 0u);
      EXPECT_EQ(types.count(32) + types.count(33) + types.count(34), 0u);
    }
  }
}

TEST(Encoder, MakesNoBFramesWhenToldNotTo) {
  for (const char* codec : {"libx264", "libx265"}) {
    VideoEncoderOptions options = Options8Bit(codec);
    options.b_frames = 0;
    Encoder encoder(options);
    EXPECT_EQ(encoder.reorder_depth(), 0);
    for (const Packet& packet : EncodePackets(encoder, Pictures(H264Clip()))) {
      EXPECT_EQ(packet.dts(), packet.pts());
    }
  }
}

TEST(Encoder, CodesFieldsInTheirOrderAndFramesAmongThemLikewise) {
  for (const FieldOrder order : {FieldOrder::kTopFirst, FieldOrder::kBottomFirst}) {
    VideoEncoderOptions options = Options8Bit("libx264");
    options.field_order = order;
    std::vector<Frame> frames = Pictures(H264Clip());
    for (std::size_t i = 0; i < frames.size(); i += 2) {
      SetFields(*frames[i].get(), true, order == FieldOrder::kTopFirst);
    }
    Encoder encoder(options);
    EXPECT_EQ(encoder.parameters().field_order(), order);
    const std::vector<Frame> decoded = DecodeFrames({.parameters = encoder.parameters(),
                                                     .time_base = options.time_base,
                                                     .packets = EncodePackets(encoder, frames)});
    ASSERT_EQ(decoded.size(), frames.size());
    for (const Frame& frame : decoded) EXPECT_EQ(frame.field_order(), order);
  }
}

TEST(Encoder, KeepsPtsOfAVariableRate) {
  std::vector<Frame> frames = Pictures(H264Clip());
  std::set<std::int64_t> expected;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto pts = static_cast<std::int64_t>(3000 * i + (i % 3) * 1111);
    frames[i].SetPts(pts);
    expected.insert(pts);
  }
  for (const char* codec : {"libx264", "libx265", "libvpx-vp9"}) {
    VideoEncoderOptions options = Options8Bit(codec);
    options.time_base = Rational(1, 90000);
    Encoder encoder(options);
    std::set<std::int64_t> pts;
    for (const Packet& packet : EncodePackets(encoder, frames)) pts.insert(*packet.pts());
    EXPECT_EQ(pts, expected) << codec;
  }
}

// A time base of 1/90000 must not become a rate of 90000 pictures a second.
TEST(Encoder, CodesProfileLevelAndRate) {
  VideoEncoderOptions options = Options8Bit("libx264");
  options.time_base = Rational(1, 90000);
  options.profile = "main";
  options.level = 41;
  const auto h264 = ReadCodedVideoHeader(Encoder(options).parameters().get());
  EXPECT_EQ(h264->profile, "Main");
  EXPECT_EQ(h264->level, 41);
  options = Options8Bit("libx265");
  options.time_base = Rational(1, 90000);
  options.level = 123;
  const auto hevc = ReadCodedVideoHeader(Encoder(options).parameters().get());
  EXPECT_EQ(hevc->profile, "Main");
  EXPECT_EQ(hevc->level, 123);
  EXPECT_EQ(hevc->frame_rate, Rational(25));
}

TEST(Encoder, TakesPlanarFloatForEveryAudioCodec) {
  for (const char* codec : {"aac", "libopus", "flac"}) {
    Encoder encoder(
        AudioEncoderOptions{.codec = codec, .sample_rate = 48000, .channel_layout = "stereo"});
    const int count = 48000 + 321;
    ReadStream stream{encoder.parameters(), encoder.time_base(), {}};
    stream.packets = EncodePackets(encoder, SineFrames(encoder, count));
    EXPECT_EQ(stream.packets.front().pts(), -encoder.initial_padding()) << codec;
    std::vector<double> decoded(static_cast<std::size_t>(count), 0);
    for (const Frame& frame : DecodeFrames(stream)) {
      for (int i = 0; i < frame.sample_count(); ++i) {
        const std::int64_t at = *frame.pts() + i;
        if (at < 0 || at >= count) continue;
        const std::uint8_t* plane = frame.get()->extended_data[0];
        decoded[static_cast<std::size_t>(at)] =
            frame.sample_format() == "fltp"
                ? frame.samples(0)[i]
                : reinterpret_cast<const std::int32_t*>(plane)[2 * i] / 2147483648.0;
      }
    }
    double noise = 0;
    double power = 0;
    for (int i = 2000; i + 2000 < count; ++i) {
      const double difference = decoded[static_cast<std::size_t>(i)] - testing::Sine(i);
      noise += difference * difference;
      power += testing::Sine(i) * testing::Sine(i);
    }
    EXPECT_GT(10 * std::log10(power / noise), codec == std::string("flac") ? 120 : 30) << codec;
  }
}

TEST(Encoder, TellsPaddingAndFrameSize) {
  const Encoder aac(AudioEncoderOptions{
      .codec = "aac", .sample_rate = 44100, .channel_layout = "mono", .bit_rate = 64000});
  EXPECT_EQ(aac.frame_size(), 1024);
  EXPECT_EQ(aac.initial_padding(), 1024);
  EXPECT_EQ(aac.time_base(), Rational(1, 44100));
  EXPECT_EQ(aac.parameters().frame_size(), 1024);
  EXPECT_EQ(aac.parameters().bit_rate(), 64000);
  EXPECT_EQ(aac.extradata().size(), 5u);  // AudioSpecificConfig with the SBR extension's "no".
}

TEST(Encoder, NamesAnEncoderThatIsNotThere) {
  const Error error = ErrorOf([] { Encoder(VideoEncoderOptions{.codec = "libx266"}); });
  EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  EXPECT_THAT(error.what(), HasSubstr("libx266"));
}

TEST(Encoder, RefusesWhatItDoesNotKnow) {
  VideoEncoderOptions options = Options8Bit("libx264");
  options.private_options = {{"colour_of_sky", "blue"}};
  const Error unknown = ErrorOf([&] { Encoder{options}; });
  EXPECT_EQ(unknown.code(), ErrorCode::kPlanUnsupported);
  EXPECT_THAT(unknown.what(), HasSubstr("colour_of_sky"));
  options = Options8Bit("libvpx-vp9");
  options.preset = "fast";
  EXPECT_EQ(ErrorOf([&] { Encoder{options}; }).code(), ErrorCode::kPlanUnsupported);
  options = Options8Bit("libx264");
  options.pixel_format = "rgb48le";
  EXPECT_EQ(ErrorOf([&] { Encoder{options}; }).code(), ErrorCode::kPlanUnsupported);
  options = Options8Bit("libx264");
  options.width = 0;
  EXPECT_EQ(ErrorOf([&] { Encoder{options}; }).code(), ErrorCode::kExec);
}

// x264 and x265 write to stderr when they are asked for a preset they do not know.
TEST(Encoder, RefusesAnUnknownPresetInSilence) {
  for (const char* codec : {"libx264", "libx265"}) {
    VideoEncoderOptions options = Options8Bit(codec);
    options.preset = "hasty";
    ::testing::internal::CaptureStderr();
    const Error error = ErrorOf([&] { Encoder{options}; });
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
    EXPECT_THAT(error.what(), HasSubstr("hasty"));
  }
}

TEST(Encoder, RefusesAFrameOfAnotherShape) {
  Encoder video(Options8Bit("libx264"));
  Frame frame = Frame::Video(320, 182, "yuv420p");
  frame.SetPts(0);
  EXPECT_EQ(ErrorOf([&] { (void)video.Send(frame); }).code(), ErrorCode::kExec);
  Encoder audio(
      AudioEncoderOptions{.codec = "aac", .sample_rate = 48000, .channel_layout = "stereo"});
  EXPECT_EQ(ErrorOf([&] { (void)audio.Send(Frame::Audio(48000, "mono", 1024)); }).code(),
            ErrorCode::kExec);
}

TEST(Encoder, LosesNothingWhenTheEndIsDeclaredWhileItIsFull) {
  const std::vector<Frame> frames = Pictures(H264Clip());
  Encoder encoder(Options8Bit("libx264"));
  std::size_t sent = 0;
  while (sent < frames.size() && encoder.Send(frames[sent])) ++sent;
  encoder.Drain();
  std::size_t received = 0;
  while (encoder.Receive()) ++received;
  EXPECT_LT(sent, frames.size());
  EXPECT_EQ(received, sent);
}

}  // namespace
}  // namespace opencut
