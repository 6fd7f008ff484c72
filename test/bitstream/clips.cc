#include "test/bitstream/clips.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace opencut {

namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "opencut-bitstream-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string RunCommand(const std::string& command) {
  std::FILE* pipe = popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  const int status = pclose(pipe);
  if (status != 0) {
    constexpr std::size_t kShown = 2000;
    output.erase(0, output.size() - std::min(output.size(), kShown));
    throw std::runtime_error(command + "\n" + output);
  }
  return output;
}

std::string TemporaryPath(const std::string& name) {
  static const TemporaryFolder folder;
  return (folder.path() / name).string();
}

std::string MakeClip(const std::string& name, const std::string& options, const std::string& size,
                     int frames) {
  const std::string recipe = options + " " + size + " " + std::to_string(frames);
  std::string path = TemporaryPath(std::to_string(std::hash<std::string>{}(recipe)) + "-" + name);
  if (!fs::exists(path)) {
    RunCommand("ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=" + size +
               ":rate=25 -frames:v " + std::to_string(frames) + " " + options + " '" + path + "'");
  }
  return path;
}

std::optional<std::string> SharedFile(const std::string& name) {
  const char* folder = std::getenv("OPENCUT_MEDIA");
  const fs::path path =
      (folder != nullptr ? fs::path(folder) : fs::path(OPENCUT_SOURCE_DIR) / "../shared/media") /
      name;
  if (!fs::exists(path)) return std::nullopt;
  return path.string();
}

NalCodec ProbedStream::codec() const {
  return fields.at("codec_name") == "hevc" ? NalCodec::kHevc : NalCodec::kH264;
}

ProbedStream Probe(const std::string& path, const std::string& kind) {
  const std::string text =
      RunCommand("ffprobe -v error -select_streams " + kind +
                 ":0 -show_streams -show_data -of default=noprint_wrappers=1 '" + path + "'");
  ProbedStream stream;
  // A hex dump: "00000010: b011 0000 ...  text", of which 39 characters are digits and spaces.
  std::string digits;
  bool in_dump = false;
  for (const std::string& line : Lines(text)) {
    const std::size_t equals = line.find('=');
    if (in_dump && line.size() > 10) {
      digits += line.substr(10, 39);
    } else if (equals != std::string::npos) {
      stream.fields.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    in_dump = line == "extradata=" || (in_dump && !line.empty());
  }
  stream.extradata = FromHex(digits);
  return stream;
}

std::vector<CodedPacket> ReadPackets(const std::string& path) {
  const Bytes file = ReadFile(path);
  const std::string text = RunCommand(
      "ffprobe -v error -select_streams v:0 -show_entries packet=pts,size,pos,flags -of csv=p=0 '" +
      path + "'");
  std::vector<CodedPacket> packets;
  for (const std::string& line : Lines(text)) {
    long long pts = 0;
    std::size_t size = 0;
    std::size_t pos = 0;
    std::array<char, 16> flags{};
    if (std::sscanf(line.c_str(), "%lld,%zu,%zu,%15s", &pts, &size, &pos, flags.data()) != 4) {
      continue;
    }
    const ByteView bytes = ByteView(file).subspan(pos, size);
    packets.push_back(
        {.bytes = Bytes(bytes.begin(), bytes.end()), .is_key = flags[0] == 'K', .pts = pts});
  }
  return packets;
}

std::vector<TracedUnit> TraceHeaders(const std::string& path) {
  // What it cannot open, such as parameter sets alone, it traces all the same.
  const std::string text =
      RunCommand("ffmpeg -nostdin -nostats -hide_banner -i '" + path +
                 "' -map 0:v:0 -c copy -bsf:v trace_headers -f null - || true");
  std::vector<TracedUnit> units;
  int packet = -1;
  for (const std::string& line : Lines(text)) {
    const std::size_t bracket = line.find("] ");
    if (line.rfind("[trace_headers", 0) != 0 || bracket == std::string::npos) continue;
    const std::string rest = line.substr(bracket + 2);
    const std::size_t equals = rest.rfind(" = ");
    if (rest.rfind("Packet:", 0) == 0) {
      ++packet;
    } else if (equals == std::string::npos) {
      units.push_back({.title = rest, .packet = packet, .values = {}});
    } else if (!units.empty()) {
      std::istringstream words(rest);
      std::string position;
      std::string name;
      words >> position >> name;
      units.back().values.emplace(name, std::stoll(rest.substr(equals + 3)));
    }
  }
  return units;
}

const TracedUnit& FindTraced(const std::vector<TracedUnit>& trace, const std::string& title) {
  for (const TracedUnit& unit : trace) {
    if (unit.title == title) return unit;
  }
  throw std::runtime_error("ffmpeg saw no " + title);
}

void PrintTo(const ClipCase& clip, std::ostream* out) { *out << clip.name; }

std::string CaseName(const ::testing::TestParamInfo<ClipCase>& parameter) {
  std::string name = parameter.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::vector<std::string> FrameHashes(const std::string& input) {
  const std::string hashes = TemporaryPath("frames.md5");
  const std::string said =
      RunCommand("ffmpeg -nostdin -v warning -xerror -err_detect explode " + input +
                 " -map 0:v:0 -fps_mode passthrough -f framemd5 -y '" + hashes + "'");
  if (!said.empty()) throw std::runtime_error("ffmpeg says: " + said);
  const Bytes file = ReadFile(hashes);
  std::vector<std::string> frames;
  for (const std::string& line : Lines(std::string(file.begin(), file.end()))) {
    if (line.rfind('#', 0) != 0) frames.push_back(line.substr(line.rfind(' ') + 1));
  }
  return frames;
}

void WriteFile(const std::string& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

Bytes ToAnnexB(const ParameterSets& sets, const std::vector<Bytes>& samples) {
  constexpr std::array<std::uint8_t, 4> kStartCode = {0, 0, 0, 1};
  Bytes stream;
  const auto append = [&](ByteView nal) {
    stream.insert(stream.end(), kStartCode.begin(), kStartCode.end());
    stream.insert(stream.end(), nal.begin(), nal.end());
  };
  for (const auto* list : {&sets.vps, &sets.sps, &sets.pps}) {
    for (const Bytes& nal : *list) append(nal);
  }
  for (const Bytes& sample : samples) {
    for (const ByteView nal : SplitNalUnits(sample, NalFraming{})) append(nal);
  }
  return stream;
}

Bytes FromHex(const std::string& digits) {
  Bytes bytes;
  std::string pair;
  for (const char digit : digits) {
    if (digit == ' ') continue;
    pair += digit;
    if (pair.size() == 2) {
      bytes.push_back(static_cast<std::uint8_t>(std::stoul(pair, nullptr, 16)));
      pair.clear();
    }
  }
  return bytes;
}

}  // namespace opencut
