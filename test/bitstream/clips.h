// Coded video to test against: small clips that ffmpeg makes on demand, the shared set of real
// files, and what ffprobe and ffmpeg say about either.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "bitstream/bytes.h"
#include "bitstream/extradata.h"
#include "bitstream/nal_unit.h"

namespace opencut {

// Runs a shell command and returns its standard output and error together.
// Throws std::runtime_error with them when it fails.
std::string RunCommand(const std::string& command);

// A path in a folder that is removed when the program ends.
std::string TemporaryPath(const std::string& name);

// Options of libx265 that go on with a parameter of its own ("keyint=5"); it writes nothing of
// itself into the stream.
inline const std::string kX265 =
    "-c:v libx265 -preset veryfast -x265-params log-level=error:info=0:";

// Makes a clip with "ffmpeg -i <a moving test picture> <options> ...<name>", once per program run.
// `size` is "WIDTHxHEIGHT"; 25 frames per second.
std::string MakeClip(const std::string& name, const std::string& options,
                     const std::string& size = "160x96", int frames = 20);

// A file of the shared set (OPENCUT_MEDIA, else ../shared/media beside the repository); nothing
// where it is absent.
std::optional<std::string> SharedFile(const std::string& name);

// What ffprobe says of the first stream of a kind ("v", "a").
struct ProbedStream {
  std::map<std::string, std::string> fields;  // By name: "pix_fmt".
  Bytes extradata;

  NalCodec codec() const;
  ParameterSets sets() const { return ParseExtradata(codec(), extradata).sets; }
};
ProbedStream Probe(const std::string& path, const std::string& kind = "v");

struct CodedPacket {
  Bytes bytes;
  bool is_key = false;   // As the container has it.
  std::int64_t pts = 0;  // As the container has it.
};
// The first video stream's packets, as they lie in the file. For MP4 and MOV.
std::vector<CodedPacket> ReadPackets(const std::string& path);

// What ffmpeg's trace_headers reads in the first video stream.
struct TracedUnit {
  std::string title;  // "Sequence Parameter Set".
  int packet = -1;    // Its packet; -1: extradata.
  std::map<std::string, std::int64_t> values;
};
std::vector<TracedUnit> TraceHeaders(const std::string& path);
// The first unit with the title.
const TracedUnit& FindTraced(const std::vector<TracedUnit>& trace, const std::string& title);

// What was traced of one unit, or, for a field that is not in the stream, what it then stands for.
class Traced {
 public:
  explicit Traced(const TracedUnit& unit) : values_(unit.values) {}
  std::int64_t operator()(const std::string& name, std::int64_t otherwise = -1) const {
    const auto found = values_.find(name);
    return found != values_.end() ? found->second : otherwise;
  }

 private:
  const std::map<std::string, std::int64_t>& values_;
};

// A clip as the parameter of a test.
struct ClipCase {
  std::string name;  // Lower case and hyphens.
  std::string options;
  std::string size = "160x96";
};
void PrintTo(const ClipCase& clip, std::ostream* out);
std::string CaseName(const ::testing::TestParamInfo<ClipCase>& parameter);

// The MD5 of each frame that ffmpeg decodes, given its input options and file. Throws when ffmpeg
// says anything at all.
std::vector<std::string> FrameHashes(const std::string& input);

void WriteFile(const std::string& path, ByteView bytes);
Bytes ReadFile(const std::string& path);

// The samples (4-byte lengths) after the parameter sets, as an Annex B stream.
Bytes ToAnnexB(const ParameterSets& sets, const std::vector<Bytes>& samples);

Bytes FromHex(const std::string& digits);

}  // namespace opencut
