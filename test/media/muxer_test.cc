#include "media/muxer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "media/decoder.h"
#include "media/encoder.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

namespace fs = std::filesystem;
using testing::DecodeFrames;
using ::testing::ElementsAre;
using testing::EncodePackets;
using testing::ErrorOf;
using testing::FfmpegFrames;
using testing::Ffprobe;
using testing::H264Clip;
using ::testing::HasSubstr;
using testing::HevcClip;
using testing::OutputAt;
using testing::ReadPackets;
using testing::ReadStream;
using testing::RealFile;
using testing::SineFrames;
using testing::TempFolder;

std::string Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint32_t Read32(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

struct Box {
  std::string type;
  std::string content;
};

// The boxes side by side in `bytes` (ISO/IEC 14496-12, 4.2).
std::vector<Box> Boxes(const std::string& bytes) {
  std::vector<Box> boxes;
  for (std::size_t at = 0; at + 8 <= bytes.size();) {
    std::size_t size = Read32(bytes, at);
    std::size_t header = 8;
    if (size == 1) {
      header = 16;
      size = static_cast<std::size_t>(std::uint64_t{Read32(bytes, at + 8)} << 32 |
                                      Read32(bytes, at + 12));
    }
    boxes.push_back({bytes.substr(at + 4, 4), bytes.substr(at + header, size - header)});
    at += size;
  }
  return boxes;
}

std::vector<std::string> Types(const std::string& bytes) {
  std::vector<std::string> types;
  for (const Box& box : Boxes(bytes)) types.push_back(box.type);
  return types;
}

// The content of the first box at the end of `path`, in the given track of the moov box.
std::string TrackBox(const std::string& file, std::size_t track,
                     const std::vector<std::string>& path) {
  for (const Box& box : Boxes(file)) {
    if (box.type != "moov") continue;
    for (const Box& trak : Boxes(box.content)) {
      if (trak.type != "trak" || track-- > 0) continue;
      std::string content = trak.content;
      for (const std::string& type : path) {
        std::string found;
        for (const Box& inner : Boxes(content)) {
          if (inner.type == type && found.empty()) found = inner.content;
        }
        content = found;
      }
      return content;
    }
  }
  return "";
}

std::int64_t MoovBytes(const std::string& file) {
  for (const Box& box : Boxes(file)) {
    if (box.type == "moov") return static_cast<std::int64_t>(box.content.size()) + 8;
  }
  return 0;
}

std::vector<Frame> Pictures(int count, std::int64_t step) {
  std::vector<Frame> frames = DecodeFrames(ReadPackets(H264Clip(), MediaType::kVideo));
  frames.erase(frames.begin() + count, frames.end());
  for (int i = 0; i < count; ++i) {
    frames[static_cast<std::size_t>(i)].SetPts(step * i);
    frames[static_cast<std::size_t>(i)].SetDuration(step);
  }
  return frames;
}

VideoEncoderOptions H264Options(const Rational& time_base) {
  return {.codec = "libx264",
          .width = 320,
          .height = 180,
          .time_base = time_base,
          .frame_rate = 25,
          .crf = 25,
          .preset = "superfast",
          .gop_size = 25};
}

MuxerStream StreamOf(const ReadStream& stream) {
  return {.parameters = stream.parameters, .time_base = stream.time_base};
}

ReadStream Encoded(Encoder encoder, const std::vector<Frame>& frames) {
  ReadStream stream{encoder.parameters(), encoder.time_base(), {}};
  stream.packets = EncodePackets(encoder, frames);
  return stream;
}

ReadStream Sine(const std::string& codec, int sample_count) {
  Encoder encoder(
      AudioEncoderOptions{.codec = codec, .sample_rate = 48000, .channel_layout = "stereo"});
  const std::vector<Frame> frames = SineFrames(encoder, sample_count);
  return Encoded(std::move(encoder), frames);
}

// Writes the streams' packets in the order of their dts.
void WriteAll(Muxer& muxer, const std::vector<const ReadStream*>& streams) {
  std::multimap<Rational, std::pair<int, const Packet*>> order;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    for (const Packet& packet : streams[i]->packets) {
      order.emplace(FromTicks(*packet.dts(), streams[i]->time_base),
                    std::pair(static_cast<int>(i), &packet));
    }
  }
  for (const auto& [time, entry] : order) muxer.Write(entry.first, entry.second->Clone());
}

void MuxTo(const std::string& path, const MuxerOptions& options,
           const std::vector<const ReadStream*>& streams) {
  OutputFile file = OutputAt(path + ".part");
  std::vector<MuxerStream> described;
  for (const ReadStream* stream : streams) described.push_back(StreamOf(*stream));
  Muxer muxer(file, options, described);
  WriteAll(muxer, streams);
  muxer.Finish();
  file.Sync();
  file.RenameTo(std::filesystem::path(path).filename().string());
}

TEST(Muxer, PutsMoovInFrontAndOneEditInEachTrack) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(75, 1));
  const ReadStream audio = Sine("aac", 3 * 48000);
  MuxTo(folder.File("a.mp4"), {.moov_size_bytes = 20000, .movie_timescale = 90000},
        {&video, &audio});
  const std::string file = Load(folder.File("a.mp4"));
  EXPECT_THAT(Types(file), ElementsAre("ftyp", "moov", "free", "free", "mdat"));
  // elst: version and flags, count, then segment_duration, media_time, media_rate.
  const std::string video_edits = TrackBox(file, 0, {"edts", "elst"});
  EXPECT_EQ(Read32(video_edits, 4), 1u);
  EXPECT_EQ(Read32(video_edits, 8), 3u * 90000);
  EXPECT_EQ(Read32(video_edits, 12), static_cast<std::uint32_t>(-*video.packets[0].dts()));
  const std::string audio_edits = TrackBox(file, 1, {"edts", "elst"});
  EXPECT_EQ(Read32(audio_edits, 4), 1u);
  EXPECT_EQ(Read32(audio_edits, 8), 3u * 90000);
  EXPECT_EQ(Read32(audio_edits, 12), 1024u);  // The encoder's padding.
  EXPECT_EQ(Ffprobe(folder.File("a.mp4"), "-show_entries format=duration,start_time"),
            "0.000000,3.000000");
  EXPECT_EQ(Ffprobe(folder.File("a.mp4"),
                    "-select_streams v -show_entries stream=codec_tag_string,r_frame_rate,"
                    "avg_frame_rate,time_base,start_pts,duration_ts,nb_frames"),
            "avc1,25/1,25/1,1/25,0,75,75");
  EXPECT_EQ(Ffprobe(folder.File("a.mp4"),
                    "-select_streams a -show_entries stream=time_base,start_pts,duration_ts"),
            "1/48000,0,144000");
}

TEST(Muxer, KeepsEveryPictureAndItsTimeInAnyTimeBase) {
  const TempFolder folder;
  struct Case {
    Rational time_base;
    std::int64_t step;
  };
  for (const Case c : {Case{Rational(1, 90000), 3600}, Case{Rational(1001, 30000), 1},
                       Case{Rational(1, 240000), 8008}, Case{Rational(1, 7), 1}}) {
    const ReadStream video = Encoded(Encoder(H264Options(c.time_base)), Pictures(40, c.step));
    const std::string path = folder.File(std::to_string(c.time_base.den()) + ".mp4");
    MuxTo(path, {.moov_size_bytes = 20000}, {&video});
    const ReadStream written = ReadPackets(path, MediaType::kVideo);
    EXPECT_EQ(written.time_base, Rational(1, c.time_base.den()));
    ASSERT_EQ(written.packets.size(), 40u);
    for (std::size_t i = 0; i < 40; ++i) {
      const Packet& in = video.packets[i];
      const Packet& out = written.packets[i];
      EXPECT_EQ(*out.pts(), *in.pts() * c.time_base.num());
      EXPECT_EQ(*out.dts(), *in.dts() * c.time_base.num());
      EXPECT_EQ(out.keyframe(), in.keyframe());
      EXPECT_FALSE(out.discarded());
    }
    EXPECT_EQ(Ffprobe(path, "-show_entries stream=duration_ts"),
              std::to_string(40 * c.step * c.time_base.num()));
    EXPECT_EQ(FfmpegFrames(path).size(), 40u);
  }
}

TEST(Muxer, CopiesPacketsSoThatTheyDecodeToTheSamePictures) {
  const TempFolder folder;
  for (const std::string& clip : {H264Clip(), HevcClip()}) {
    const ReadStream video = ReadPackets(clip, MediaType::kVideo);
    MuxTo(folder.File("copy.mp4"), {.moov_size_bytes = 20000}, {&video});
    EXPECT_EQ(FfmpegFrames(folder.File("copy.mp4")), FfmpegFrames(clip));
    EXPECT_EQ(Ffprobe(folder.File("copy.mp4"), "-show_entries stream=codec_tag_string"),
              clip == H264Clip() ? "avc1" : "hvc1");
  }
}

// MPEG-TS calls H.264 by the number 27.
TEST(Muxer, TakesAStreamOfAnotherContainerUnderItsOwnTag) {
  const TempFolder folder;
  const std::string clip = testing::Clip("-i " + H264Clip() + " -map 0:v -c copy", "ts");
  const ReadStream video = ReadPackets(clip, MediaType::kVideo);
  ASSERT_EQ(video.parameters.codec_tag(), "\x1b");
  MuxTo(folder.File("a.mp4"), {.moov_size_bytes = 20000}, {&video});
  EXPECT_EQ(Ffprobe(folder.File("a.mp4"), "-show_entries stream=codec_tag_string"), "avc1");
}

TEST(Muxer, WritesWhatTheStreamsSayOfThemselves) {
  const TempFolder folder;
  VideoEncoderOptions options = H264Options(Rational(1, 25));
  options.sample_aspect_ratio = Rational(4, 3);
  options.colour = {.full_range = false,
                    .range_known = true,
                    .primaries = 5,
                    .transfer = 6,
                    .matrix = 5,
                    .chroma_location = 1};
  options.private_options = {{"x264-params", "sps-id=3"}};
  ReadStream video = Encoded(Encoder(options), Pictures(10, 1));
  video.parameters.SetDisplayMatrix(DisplayMatrix{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30});
  const ReadStream audio = Sine("aac", 9600);
  MuxerStream video_stream = StreamOf(video);
  video_stream.dispositions = {"default", "forced"};
  MuxerStream audio_stream = StreamOf(audio);
  audio_stream.language = "fra";
  const std::string path = folder.File("a.mp4");
  OutputFile file = OutputAt(path);
  Muxer muxer(file,
              {.moov_size_bytes = 20000, .metadata = {{"title", "A title"}, {"comment", "Two"}}},
              {video_stream, audio_stream});
  WriteAll(muxer, {&video, &audio});
  muxer.Finish();
  file.Sync();
  EXPECT_EQ(Ffprobe(path,
                    "-select_streams v -show_entries stream=sample_aspect_ratio,color_range,"
                    "color_space,color_transfer,color_primaries,chroma_location"),
            "4:3,tv,bt470bg,smpte170m,bt470bg,left");
  EXPECT_EQ(Ffprobe(path, "-select_streams v -show_entries stream_side_data=rotation"), "-90");
  EXPECT_EQ(Ffprobe(path, "-select_streams v -show_entries stream_disposition=default,forced"),
            "1,1");
  EXPECT_EQ(Ffprobe(path, "-select_streams a -show_entries stream_tags=language"), "fra");
  EXPECT_EQ(Ffprobe(path, "-show_entries format_tags=title,comment"), "A title,Two");
  const std::string trace = testing::Run("ffmpeg -nostdin -v trace -i " + path +
                                         " -c copy -map 0:v -bsf:v trace_headers -f null - 2>&1 | "
                                         "grep -m1 seq_parameter_set_id");
  EXPECT_THAT(trace, HasSubstr("= 3"));
  EXPECT_THAT(Types(Load(path)), ElementsAre("ftyp", "moov", "free", "free", "mdat"));
}

TEST(Muxer, WritesTheLightOfHdr) {
  const TempFolder folder;
  for (const char* codec : {"libx265", "libx264"}) {
    std::vector<Frame> frames = DecodeFrames(ReadPackets(HevcClip(), MediaType::kVideo));
    frames.erase(frames.begin() + 5, frames.end());
    VideoEncoderOptions options = H264Options(Rational(1, 12800));
    options.codec = codec;
    options.pixel_format = "yuv420p10le";
    options.colour = {.full_range = false,
                      .range_known = true,
                      .primaries = 9,
                      .transfer = 16,
                      .matrix = 9,
                      .chroma_location = 3};
    options.hdr.mastering_display = MasteringDisplay{.red_x = Rational(17, 25),
                                                     .red_y = Rational(8, 25),
                                                     .green_x = Rational(53, 200),
                                                     .green_y = Rational(69, 100),
                                                     .blue_x = Rational(3, 20),
                                                     .blue_y = Rational(3, 50),
                                                     .white_x = Rational(3127, 10000),
                                                     .white_y = Rational(329, 1000),
                                                     .min_luminance = Rational(1, 10000),
                                                     .max_luminance = 1000};
    options.hdr.content_light = ContentLight{.max_content = 900, .max_frame_average = 300};
    ReadStream video = Encoded(Encoder(options), frames);
    if (options.codec == "libx265") video.parameters.SetCodecTag("hvc1");
    const std::string path = folder.File(std::string(codec) + ".mp4");
    MuxTo(path, {.moov_size_bytes = 20000}, {&video});
    EXPECT_EQ(Ffprobe(path,
                      "-show_entries stream=color_range,color_space,color_transfer,"
                      "color_primaries,chroma_location"),
              "tv,bt2020nc,smpte2084,bt2020,topleft");
    const std::string light = Ffprobe(path, "-show_entries stream_side_data");
    EXPECT_THAT(light, HasSubstr("34000/50000,16000/50000,13250/50000,34500/50000,7500/50000,"
                                 "3000/50000,15635/50000,16450/50000,1/10000,10000000/10000"));
    EXPECT_THAT(light, HasSubstr("900,300"));
    // SEI messages of type 137 and 144 with their sizes (H.265, D.2.28 and D.2.35).
    const auto bytes = video.packets[0].bytes();
    const std::string first(bytes.begin(), bytes.end());
    EXPECT_THAT(first, HasSubstr("\x89\x18"));
    EXPECT_THAT(first, HasSubstr(std::string("\x90\x04\x03\x84\x01\x2c")));
  }
}

TEST(Muxer, WritesTheConfigurationOfDolbyVision) {
  const std::optional<std::string> phone =
      RealFile("hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4");
  if (!phone) GTEST_SKIP() << "the folder with real media is not there";
  const TempFolder folder;
  const std::string asked = "-select_streams v -show_entries stream_side_data=dv_profile,dv_level";
  for (const bool keeps : {true, false}) {
    ReadStream video = ReadPackets(*phone, MediaType::kVideo, 1);
    video.parameters.DropCodingSideData(keeps);
    EXPECT_EQ(video.parameters.dolby_vision().has_value(), keeps);
    const std::string path = folder.File(keeps ? "dolby.mp4" : "plain.mp4");
    MuxTo(path, {}, {&video});
    EXPECT_EQ(Ffprobe(path, asked), keeps ? Ffprobe(*phone, asked) : "");
  }
}

TEST(Muxer, WritesWebm) {
  const TempFolder folder;
  VideoEncoderOptions options = H264Options(Rational(1, 25));
  options.codec = "libvpx-vp9";
  options.preset = "";
  options.private_options = {{"cpu-used", "5"}};
  const ReadStream video = Encoded(Encoder(options), Pictures(50, 1));
  const ReadStream audio = Sine("libopus", 96000);
  MuxTo(folder.File("a.webm"), {.format = "webm"}, {&video, &audio});
  EXPECT_EQ(Ffprobe(folder.File("a.webm"), "-show_entries stream=codec_name"), "vp9\nopus");
  EXPECT_THAT(Ffprobe(folder.File("a.webm"), "-show_entries format=duration"), HasSubstr("2.0"));
  // Opus has its padding before 0; nothing is moved for its sake.
  EXPECT_EQ(Ffprobe(folder.File("a.webm"), "-show_entries stream=start_pts"), "0\n-7");
  EXPECT_EQ(FfmpegFrames(folder.File("a.webm")).size(), 50u);
  EXPECT_NE(Load(folder.File("a.webm")).find("\x1c\x53\xbb\x6b"), std::string::npos);  // Cues.
}

// As a file that is to be played would hold it, but of no meaning: a start code and one NAL unit.
Packet LargePacket(std::int64_t pts) {
  Packet packet = Packet::WithSize(100000);
  std::fill(packet.mutable_bytes().begin(), packet.mutable_bytes().end(), std::uint8_t{1});
  std::fill_n(packet.mutable_bytes().begin(), 3, std::uint8_t{0});
  packet.SetPts(pts);
  packet.SetDts(pts);
  packet.SetDuration(1);
  return packet;
}

// The upper side is what a writer that knows only the number of samples sets aside: 8 kB, 45 bytes
// for each of video and 40 for each of audio.
TEST(Muxer, EstimatesTheMoovBoxFromAboveAndNotFarOff) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(75, 1));
  const ReadStream audio = Sine("aac", 3 * 48000);
  ReadStream variable{video.parameters, Rational(1, 90000), {}};
  for (std::int64_t i = 0; i < 75; ++i) {
    Packet packet = video.packets[static_cast<std::size_t>(i)].Clone();
    packet.SetDts(3600 * i + i * i % 77);
    packet.SetPts(*packet.dts() + 77 * i * i % 1000);
    variable.packets.push_back(std::move(packet));
  }
  ReadStream large{video.parameters, video.time_base, {}};
  for (int i = 0; i < 40; ++i) large.packets.push_back(LargePacket(i));
  const std::vector<std::vector<const ReadStream*>> cases = {
      {&video}, {&audio}, {&video, &audio}, {&variable}, {&large, &audio}, {&audio, &variable}};
  for (const auto& streams : cases) {
    const std::string path = folder.File("a.mp4");
    OutputFile file = OutputAt(path);
    std::vector<MuxerStream> described;
    std::int64_t set_aside = 8000;
    for (const ReadStream* stream : streams) {
      described.push_back(StreamOf(*stream));
      described.back().language = "eng";
      described.back().parameters.SetDisplayMatrix(
          DisplayMatrix{65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30});
      const bool is_video = stream->parameters.type() == MediaType::kVideo;
      set_aside += (is_video ? 45 : 40) * static_cast<std::int64_t>(stream->packets.size());
    }
    Muxer muxer(file, {.metadata = {{"title", std::string(300, 't')}}}, described);
    WriteAll(muxer, streams);
    const std::int64_t estimate = muxer.EstimatedMoovBytes();
    muxer.Finish();
    file.Sync();
    EXPECT_GE(estimate, MoovBytes(Load(path)));
    EXPECT_LE(estimate, set_aside);
  }
}

TEST(Muxer, FailsBeforeItWritesAMoovBoxThatDoesNotFit) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(75, 1));
  const std::string path = folder.File("a.mp4");
  OutputFile file = OutputAt(path);
  Muxer muxer(file, {.moov_size_bytes = 2000}, {StreamOf(video)});
  WriteAll(muxer, {&video});
  file.Sync();
  const std::string before = Load(path);
  const Error error = ErrorOf([&] { muxer.Finish(); });
  EXPECT_EQ(error.code(), ErrorCode::kExec);
  EXPECT_THAT(error.what(), HasSubstr("2000"));
  file.Sync();
  EXPECT_EQ(Load(path), before);
  // The same packets fit when the estimate, and the free box after it, have room.
  OutputFile second = OutputAt(folder.File("b.mp4"));
  Muxer fitting(second, {.moov_size_bytes = muxer.EstimatedMoovBytes() + 8}, {StreamOf(video)});
  WriteAll(fitting, {&video});
  fitting.Finish();
  second.Sync();
  EXPECT_EQ(FfmpegFrames(folder.File("b.mp4")).size(), 75u);
}

TEST(Muxer, RefusesWhatTheFormatCannotHold) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(3, 1));
  const auto mux = [&](const MuxerOptions& options, const std::vector<MuxerStream>& streams) {
    OutputFile file = OutputAt(folder.File("a"));
    const Muxer muxer(file, options, streams);
  };
  EXPECT_EQ(ErrorOf([&] { mux({.format = "mp5"}, {StreamOf(video)}); }).code(),
            ErrorCode::kPlanUnsupported);
  EXPECT_EQ(ErrorOf([&] { mux({.format = "webm"}, {StreamOf(video)}); }).code(),
            ErrorCode::kPlanUnsupported);
  MuxerStream other = StreamOf(video);
  other.time_base = Rational(1, 30);
  EXPECT_EQ(ErrorOf([&] {
              mux({}, {StreamOf(video), other});
            }).code(),
            ErrorCode::kPlanUnsupported);
  other.time_base = Rational(1, 25);
  mux({}, {StreamOf(video), other});
}

TEST(Muxer, RefusesDtsThatDoNotIncrease) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(3, 1));
  OutputFile file = OutputAt(folder.File("a"));
  Muxer muxer(file, {}, {StreamOf(video)});
  muxer.Write(0, video.packets[1].Clone());
  EXPECT_EQ(ErrorOf([&] { muxer.Write(0, video.packets[0].Clone()); }).code(), ErrorCode::kExec);
}

// Writes packets until the muxer throws or 4 MB are written.
Error FillDisk(const std::string& path) {
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(1, 1));
  OutputFile file = OutputAt(path);
  Muxer muxer(file, {.moov_size_bytes = 4000}, {StreamOf(video)});
  return ErrorOf([&] {
    for (int i = 0; i < 40; ++i) muxer.Write(0, LargePacket(i));
  });
}

TEST(Muxer, SeesAFullDiskWhileItWrites) {
  const TempFolder folder;
  const std::string disk = folder.File("disk");
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "may not mount a small disk";
  }
  const Error error = FillDisk(disk + "/a.mp4");
  EXPECT_TRUE(fs::is_empty(disk));
  ASSERT_EQ(umount(disk.c_str()), 0);
  EXPECT_EQ(error.code(), ErrorCode::kFs);
  EXPECT_EQ(error.context().system, "ENOSPC");
  EXPECT_EQ(error.context().path, disk + "/a.mp4");
}

TEST(Muxer, SeesALimitOfTheFileSizeWhileItWrites) {
  const TempFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000000, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Error error = FillDisk(folder.File("a.mp4"));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error.code(), ErrorCode::kFs);
  EXPECT_EQ(error.context().system, "EFBIG");
}

TEST(Muxer, StopsWhenCancelled) {
  const TempFolder folder;
  const ReadStream video = Encoded(Encoder(H264Options(Rational(1, 25))), Pictures(3, 1));
  CancellationSource source;
  OutputFile file = OutputAt(folder.File("a.mp4"), source.token());
  Muxer muxer(file, {.moov_size_bytes = 20000}, {StreamOf(video)});
  muxer.Write(0, video.packets[0].Clone());
  source.Cancel();
  EXPECT_THROW(muxer.Write(0, video.packets[1].Clone()), Cancelled);
  EXPECT_THROW(muxer.Finish(), Cancelled);
}

}  // namespace
}  // namespace opencut
