#include "test/media/media_fixture.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <numbers>
#include <sstream>
#include <stdexcept>

#include "media/decoder.h"
#include "media/output_folder.h"

extern "C" {
#include <libavutil/md5.h>
}

namespace opencut::testing {

namespace {

namespace fs = std::filesystem;

std::string ClipFolder() {
  const fs::path folder =
      fs::temp_directory_path() / ("opencut-test-clips-" + std::to_string(getuid()));
  fs::create_directories(folder);
  return folder;
}

}  // namespace

double Sine(std::int64_t sample) {
  return 0.5 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(sample) / 48000);
}

std::string Run(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run: " + command);
  std::string output;
  std::array<char, 65536> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  if (status != 0) throw std::runtime_error("failed: " + command);
  return output;
}

Error ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(ErrorCode::kBadArgs, "none");
}

std::string Clip(const std::string& arguments, const std::string& extension) {
  const std::string name = std::to_string(std::hash<std::string>{}(arguments));
  const std::string path = ClipFolder() + "/" + name + "." + extension;
  if (fs::exists(path)) return path;
  const std::string made =
      ClipFolder() + "/" + name + "." + std::to_string(getpid()) + "." + extension;
  Run("ffmpeg -nostdin -v error -y " + arguments + " " + made);
  fs::rename(made, path);
  return path;
}

std::string H264Clip() {
  return Clip(
      "-f lavfi -i testsrc2=s=320x180:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 "
      "-c:v libx264 -preset fast -bf 3 -b_strategy 0 -g 25 -sc_threshold 0 -pix_fmt yuv420p "
      "-c:a aac -ac 2",
      "mp4");
}

std::string HevcClip() {
  return Clip(
      "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx265 -preset ultrafast -bf 3 "
      "-x265-params log-level=none:keyint=25:open-gop=1 -pix_fmt yuv420p10le -tag:v hvc1",
      "mp4");
}

std::optional<std::string> RealFile(const std::string& name) {
  const char* folder = std::getenv("OPENCUT_MEDIA");
  const fs::path path =
      (folder == nullptr ? fs::path(OPENCUT_SOURCE_DIR) / "../shared/media" : fs::path(folder)) /
      name;
  if (!fs::exists(path)) return std::nullopt;
  return path.string();
}

TempFolder::TempFolder() {
  path_ = (fs::temp_directory_path() / "opencut-test-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make a folder");
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

OutputFile OutputAt(const std::string& path, CancellationToken token) {
  const fs::path at(path);
  return OutputFile(std::make_shared<OutputFolder>(at.parent_path().string()),
                    at.filename().string(), std::move(token));
}

ReadStream ReadPackets(const std::string& path, MediaType type, std::size_t limit) {
  AVFormatContext* opened = nullptr;
  Check(avformat_open_input(&opened, path.c_str(), nullptr, nullptr), "open " + path);
  const InputFormatPtr context(opened);
  Check(avformat_find_stream_info(opened, nullptr), "read " + path);
  const int index =
      Check(av_find_best_stream(opened,
                                type == MediaType::kVideo ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO,
                                -1, -1, nullptr, 0),
            "find a stream in " + path);
  const AVStream& stream = *opened->streams[index];
  ReadStream read{
      CodecParameters(stream), Rational(stream.time_base.num, stream.time_base.den), {}};
  for (Packet packet; read.packets.size() < limit && av_read_frame(opened, packet.get()) >= 0;
       packet = Packet()) {
    if (packet.stream_index() == index) read.packets.push_back(std::move(packet));
  }
  return read;
}

std::vector<Frame> DecodeFrames(const ReadStream& stream) {
  Decoder decoder(stream.parameters, stream.time_base);
  std::vector<Frame> frames;
  const auto take = [&] {
    while (auto frame = decoder.Receive()) frames.push_back(std::move(*frame));
  };
  for (const Packet& packet : stream.packets) {
    while (!decoder.Send(packet)) take();
    take();
  }
  decoder.Drain();
  take();
  return frames;
}

std::vector<Packet> EncodePackets(Encoder& encoder, const std::vector<Frame>& frames) {
  std::vector<Packet> packets;
  const auto take = [&] {
    while (auto packet = encoder.Receive()) packets.push_back(std::move(*packet));
  };
  for (const Frame& frame : frames) {
    while (!encoder.Send(frame)) take();
  }
  encoder.Drain();
  take();
  return packets;
}

std::vector<Frame> SineFrames(const Encoder& encoder, int sample_count) {
  std::vector<Frame> frames;
  for (int at = 0; at < sample_count; at += encoder.frame_size()) {
    const int count = std::min(encoder.frame_size(), sample_count - at);
    Frame frame = Frame::Audio(48000, "stereo", count);
    frame.SetPts(at);
    frame.SetDuration(count);
    for (int channel = 0; channel < 2; ++channel) {
      const auto samples = frame.mutable_samples(channel);
      for (int i = 0; i < count; ++i) samples[i] = static_cast<float>(Sine(at + i));
    }
    frames.push_back(std::move(frame));
  }
  return frames;
}

HashedFrame Hashed(const Frame& frame) {
  const AVFrame& libav = *frame.get();
  const auto format = static_cast<AVPixelFormat>(libav.format);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(
      Check(av_image_get_buffer_size(format, libav.width, libav.height, 1), "measure a frame")));
  Check(av_image_copy_to_buffer(bytes.data(), static_cast<int>(bytes.size()), libav.data,
                                libav.linesize, format, libav.width, libav.height, 1),
        "copy a frame");
  std::array<std::uint8_t, 16> digest;
  av_md5_sum(digest.data(), bytes.data(), bytes.size());
  HashedFrame hashed{.pts = frame.pts().value_or(-1), .md5 = ""};
  for (const std::uint8_t byte : digest) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", byte);
    hashed.md5 += hex;
  }
  return hashed;
}

std::vector<HashedFrame> FfmpegFrames(const std::string& path, const std::string& after) {
  std::istringstream lines(
      Run("ffmpeg -nostdin -v error -copyts -noautorotate -i '" + path + "' -map 0:v:0 " + after +
          " -fps_mode passthrough -enc_time_base -1 -f framemd5 - 2>/dev/null"));
  std::vector<HashedFrame> frames;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    // stream, dts, pts, duration, size, hash
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 3; ++i) std::getline(fields, field, ',');
    frames.push_back({.pts = std::stoll(field), .md5 = line.substr(line.rfind(' ') + 1)});
  }
  return frames;
}

std::vector<float> FfmpegSamples(const std::string& path, const std::string& after) {
  const std::string bytes = Run("ffmpeg -nostdin -v error -i '" + path + "' -map 0:a:0 " + after +
                                " -f f32le -c:a pcm_f32le -");
  std::vector<float> samples(bytes.size() / sizeof(float));
  std::memcpy(samples.data(), bytes.data(), samples.size() * sizeof(float));
  return samples;
}

std::string Ffprobe(const std::string& path, const std::string& arguments) {
  const std::string text = Run("ffprobe -v error -of csv=p=0 " + arguments + " '" + path + "'");
  const std::size_t first = text.find_first_not_of("\n,");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of("\n,") + 1 - first);
}

}  // namespace opencut::testing
