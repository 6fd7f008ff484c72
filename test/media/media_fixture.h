// What the tests of src/media measure against: clips and answers of the ffmpeg command line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/error.h"
#include "media/byte_io.h"
#include "media/codec_parameters.h"
#include "media/encoder.h"
#include "media/frame.h"
#include "media/packet.h"
#include "timeline/rational.h"

namespace opencut::testing {

// Runs a shell command and returns its standard output; throws when it fails.
std::string Run(const std::string& command);

// The error that `call` throws; where it throws none, the test fails.
Error ErrorOf(const std::function<void()>& call);

// A clip made by `ffmpeg <arguments> <file>`, kept in the system's temporary folder under a name
// that depends on the arguments, so that it is made once.
std::string Clip(const std::string& arguments, const std::string& extension);

// 3 s of 25 fps, 320x180, GOPs of 25 with B-pyramid, and a sine in AAC.
std::string H264Clip();
// 2 s of 10-bit HEVC with B-frames.
std::string HevcClip();

// A file of the folder with real media (OPENCUT_MEDIA); nothing when it is not there.
std::optional<std::string> RealFile(const std::string& name);

// A folder of its own, removed with all that is in it.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A file that is being made under this path.
OutputFile OutputAt(const std::string& path, CancellationToken token = {});

struct ReadStream {
  CodecParameters parameters;
  Rational time_base;
  std::vector<Packet> packets;
};

// The packets of the file's first stream of `type`, at most `limit`, straight from libavformat.
ReadStream ReadPackets(const std::string& path, MediaType type, std::size_t limit = 1u << 20);

// All frames of the stream, decoded on one thread.
std::vector<Frame> DecodeFrames(const ReadStream& stream);

// All packets the encoder makes of the frames.
std::vector<Packet> EncodePackets(Encoder& encoder, const std::vector<Frame>& frames);

double Sine(std::int64_t sample);
// A sine of 440 Hz at 48 kHz in stereo, in frames of the encoder's size, the last one shorter.
std::vector<Frame> SineFrames(const Encoder& encoder, int sample_count);

struct HashedFrame {
  std::int64_t pts = 0;
  std::string md5;  // Of the rows without padding, plane by plane.

  friend bool operator==(const HashedFrame&, const HashedFrame&) = default;
  friend std::ostream& operator<<(std::ostream& out, const HashedFrame& frame) {
    return out << frame.pts << ":" << frame.md5.substr(0, 6);
  }
};

HashedFrame Hashed(const Frame& frame);

// What `ffmpeg -i <path> <after> -f framemd5` says of the first video stream, pts in the
// stream's time base.
std::vector<HashedFrame> FfmpegFrames(const std::string& path, const std::string& after = "");

// The first audio stream as ffmpeg decodes it: interleaved floats.
std::vector<float> FfmpegSamples(const std::string& path, const std::string& after = "");

// One value as ffprobe prints it: Ffprobe(path, "-select_streams v -show_entries stream=width").
std::string Ffprobe(const std::string& path, const std::string& arguments);

}  // namespace opencut::testing
