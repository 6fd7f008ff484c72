#include "media/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using testing::Clip;
using testing::FfmpegFrames;
using testing::FfmpegSamples;
using testing::H264Clip;
using testing::HashedFrame;
using testing::HevcClip;
using testing::ReadPackets;
using testing::ReadStream;

void TakeAll(Decoder& decoder, std::vector<HashedFrame>& frames) {
  while (auto frame = decoder.Receive()) frames.push_back(testing::Hashed(*frame));
}

void SendAll(Decoder& decoder, const ReadStream& stream, std::vector<HashedFrame>& frames) {
  for (const Packet& packet : stream.packets) {
    while (!decoder.Send(packet)) TakeAll(decoder, frames);
    TakeAll(decoder, frames);
  }
}

std::vector<HashedFrame> DecodeAll(const ReadStream& stream, const DecoderOptions& options) {
  Decoder decoder(stream.parameters, stream.time_base, options);
  std::vector<HashedFrame> frames;
  SendAll(decoder, stream, frames);
  decoder.Drain();
  TakeAll(decoder, frames);
  EXPECT_EQ(decoder.damaged_count(), 0);
  return frames;
}

using Threading = DecoderOptions::Threading;

TEST(Decoder, GivesTheFramesOfFfmpegWithAnyNumberOfThreads) {
  for (const std::string& clip : {H264Clip(), HevcClip()}) {
    const ReadStream stream = ReadPackets(clip, MediaType::kVideo);
    const auto expected = FfmpegFrames(clip);
    ASSERT_EQ(expected.size(), stream.packets.size());
    EXPECT_EQ(DecodeAll(stream, {.threads = 1}), expected) << clip;
    EXPECT_EQ(DecodeAll(stream, {.threads = 4}), expected) << clip;
    EXPECT_EQ(DecodeAll(stream, {.threads = 4, .threading = Threading::kSlice}), expected) << clip;
  }
}

// Reference: ffmpeg's framemd5 of the first 40 frames.
TEST(Decoder, GivesTheFramesOfFfmpegForRealFiles) {
  int found = 0;
  for (const char* name :
       {"h264-open-gop-interlaced-tff-360p.mp4", "hevc-open-gop-rasl-720p-aac.mp4",
        "hevc-iphone-720p-vfr-rot90-rasl.mov", "vp9-opus-640x480-start-0227.webm",
        "ts-pts-wrap-h264-aac.ts", "mp4-edit-list-empty-edit-1s-video-late.mp4",
        "mjpeg-pcm-320x240-15fps-camera.avi", "h264-rotate-and-mirror-720p.mp4"}) {
    const auto path = testing::RealFile(name);
    if (!path) continue;
    ++found;
    const auto expected = FfmpegFrames(*path, "-frames:v 40");
    ReadStream stream = ReadPackets(*path, MediaType::kVideo, 80);
    std::vector<HashedFrame> frames = DecodeAll(stream, {.threads = 2});
    frames.resize(std::min(frames.size(), expected.size()));
    EXPECT_EQ(frames, expected) << name;
  }
  if (found == 0) GTEST_SKIP() << "the folder with real media is not there";
}

TEST(Decoder, GivesTheSamplesOfFfmpeg) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kAudio);
  Decoder decoder(stream.parameters, stream.time_base);
  std::vector<float> samples;
  const auto take = [&] {
    while (auto frame = decoder.Receive()) {
      for (int i = 0; i < frame->sample_count(); ++i) {
        for (int c = 0; c < frame->channels(); ++c) samples.push_back(frame->samples(c)[i]);
      }
    }
  };
  for (const Packet& packet : stream.packets) {
    ASSERT_TRUE(decoder.Send(packet));
    take();
  }
  decoder.Drain();
  take();
  EXPECT_EQ(samples, FfmpegSamples(H264Clip()));
}

TEST(Decoder, CanBeUsedAgainAfterAFlush) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  const auto expected = FfmpegFrames(H264Clip());
  for (const int threads : {1, 4}) {
    Decoder decoder(stream.parameters, stream.time_base, {.threads = threads});
    for (std::size_t i = 0; i < 10 && decoder.Send(stream.packets[i]); ++i) {
    }
    decoder.Flush();
    for (int round = 0; round < 2; ++round) {
      std::vector<HashedFrame> frames;
      SendAll(decoder, stream, frames);
      decoder.Drain();
      TakeAll(decoder, frames);
      EXPECT_EQ(frames, expected);
      decoder.Flush();
    }
  }
}

// nal_ref_idc of the first slice (H.264, 7.3.1).
bool IsNonReference(const Packet& packet) {
  const auto bytes = packet.bytes();
  for (std::size_t at = 0; at + 4 < bytes.size();) {
    const int type = bytes[at + 4] & 31;
    if (type == 1 || type == 5) return (bytes[at + 4] & 0x60) == 0;
    at += 4 + static_cast<std::size_t>((bytes[at] << 24) | (bytes[at + 1] << 16) |
                                       (bytes[at + 2] << 8) | bytes[at + 3]);
  }
  return false;
}

TEST(Decoder, ThrowsAwayAllItHoldsInAFlush) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  Decoder decoder(stream.parameters, stream.time_base);
  for (std::size_t i = 0; i < 20; ++i) {
    // Makes the decoder take its frames out of libav.
    decoder.SetSkipNonReference(i % 2 == 1);
    ASSERT_TRUE(decoder.Send(stream.packets[i]));
  }
  decoder.Flush();
  EXPECT_FALSE(decoder.Receive());
}

TEST(Decoder, LeavesOutWhatNoOtherPictureNeeds) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  const auto all = FfmpegFrames(H264Clip());
  for (const int threads : {1, 4}) {
    Decoder decoder(stream.parameters, stream.time_base, {.threads = threads});
    std::vector<HashedFrame> frames;
    // Skipping goes on with the packet of index 20 and off with that of index 50.
    std::set<std::int64_t> skipped;
    for (std::size_t i = 0; i < stream.packets.size(); ++i) {
      decoder.SetSkipNonReference(i >= 20 && i < 50);
      const Packet& packet = stream.packets[i];
      if (i >= 20 && i < 50 && IsNonReference(packet)) {
        skipped.insert(*packet.pts());
      }
      while (!decoder.Send(packet)) TakeAll(decoder, frames);
    }
    decoder.Drain();
    TakeAll(decoder, frames);
    auto expected = all;
    std::erase_if(expected, [&](const HashedFrame& f) { return skipped.contains(f.pts); });
    EXPECT_GE(skipped.size(), 10u);
    EXPECT_EQ(frames, expected) << threads;
  }
}

TEST(Decoder, GuessesAPtsOnlyWhereThereIsNone) {
  ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  auto expected = FfmpegFrames(H264Clip());
  for (Packet& packet : stream.packets) packet.SetPts(std::nullopt);
  const auto frames = DecodeAll(stream, {});
  ASSERT_EQ(frames.size(), expected.size());
  const std::size_t held_back = 2;  // Of these, at the end, libav has no dts to guess from.
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].md5, expected[i].md5);
    if (i > 0 && i < frames.size() - held_back) {
      EXPECT_GT(frames[i].pts, frames[i - 1].pts);
    }
  }
}

TEST(Decoder, TakesAnEmptyPacketForNothing) {
  const ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  Decoder decoder(stream.parameters, stream.time_base);
  std::vector<HashedFrame> frames;
  for (const Packet& packet : stream.packets) {
    ASSERT_TRUE(decoder.Send(Packet()));
    ASSERT_TRUE(decoder.Send(packet));
    TakeAll(decoder, frames);
  }
  decoder.Drain();
  TakeAll(decoder, frames);
  EXPECT_EQ(frames, FfmpegFrames(H264Clip()));
}

ReadStream Damaged() {
  ReadStream stream = ReadPackets(H264Clip(), MediaType::kVideo);
  stream.packets[30].ReplaceBytes(std::vector<std::uint8_t>(500, 0x5a));
  return stream;
}

TEST(Decoder, GoesOnAfterADamagedPacketAndCountsIt) {
  const ReadStream stream = Damaged();
  const auto whole = FfmpegFrames(H264Clip());
  for (const int threads : {1, 4}) {
    Decoder decoder(stream.parameters, stream.time_base, {.threads = threads});
    std::vector<HashedFrame> frames;
    SendAll(decoder, stream, frames);
    decoder.Drain();
    TakeAll(decoder, frames);
    EXPECT_GE(decoder.damaged_count(), 1);
    // The GOP after the damaged one is whole again.
    ASSERT_GE(frames.size(), whole.size() - 1);
    EXPECT_TRUE(std::equal(whole.end() - 25, whole.end(), frames.end() - 25));
  }
}

TEST(Decoder, FailsAtADamagedPacketWhenAskedTo) {
  const ReadStream stream = Damaged();
  for (const int threads : {1, 4}) {
    const auto decode = [&] {
      Decoder decoder(stream.parameters, stream.time_base,
                      {.threads = threads, .on_damage = DecoderOptions::OnDamage::kFail});
      std::vector<HashedFrame> frames;
      SendAll(decoder, stream, frames);
      decoder.Drain();
      TakeAll(decoder, frames);
    };
    EXPECT_THROW(decode(), Error) << threads;
  }
}

TEST(Decoder, RefusesACodecItDoesNotKnow) {
  try {
    const Decoder decoder(CodecParameters(), Rational(1, 25));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kPlanUnsupported);
  }
}

}  // namespace
}  // namespace opencut
