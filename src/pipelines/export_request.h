// What an export is asked to do, as plain values: an export config and its options after parsing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "timeline/edit.h"
#include "timeline/planner.h"

namespace opencut {

struct ExportSource {
  std::string name;  // For messages.
  std::string path;  // As the config has it.
};

enum class AudioChoice { kAuto, kCopy, kSmart, kExact };
enum class VerifyLevel { kOff, kFast, kFull };

struct ExportOptions {
  std::string media_base_path;        // Empty: the working directory.
  std::optional<std::string> output;  // Instead of the config's output path.
  std::optional<RenderMode> mode;     // Unset: by the output's codec.
  AudioChoice audio = AudioChoice::kAuto;
  std::optional<std::string> preset;
  std::optional<double> crf;
  std::optional<std::int64_t> video_bit_rate;  // Bits per second; mode kReencode only.
  std::int64_t audio_bit_rate = 192'000;       // Bits per second.
  std::optional<int> threads;                  // Unset: the cores this process may use.
  Fallback fallback = Fallback::kReencode;
  std::optional<double> max_encoded_seconds;
  bool overwrite = true;
  VerifyLevel verify = VerifyLevel::kFast;
  std::vector<std::string> allowed_roots;                 // Empty: anywhere.
  std::vector<std::string> allowed_protocols = {"file"};  // libav's names; that sources may use.
  bool clamp_silently = false;  // No warning for a segment that ends beyond its source.
};

struct ExportRequest {
  std::vector<ExportSource> sources;
  Edit edit;
  std::string output_path;  // As the config has it.
  ExportOptions options;
};

}  // namespace opencut
