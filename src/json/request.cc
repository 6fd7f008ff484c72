#include "json/request.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/error.h"
#include "json/iso_date_time.h"
#include "json/json_field.h"

namespace opencut {
namespace {

constexpr double kMaxBitRate = std::numeric_limits<int>::max();
constexpr double kMaxThreads = 256;
constexpr double kMaxCrf = 63;

// A number that is right for the schema may be more than any canvas has: re-encoding refuses it.
int Pixels(const JsonField& field) {
  constexpr double kMax = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(field.WholePositive(), kMax));
}

Rational FrameRate(const JsonField& field) { return FrameRateFromDouble(field.Positive()); }

double UpTo(double most, const JsonField& field, double value, const char* expected) {
  if (value > most) field.Refuse(expected);
  return value;
}

ExportSource ParseSource(const JsonField& source) {
  source["id"].String();
  ExportSource parsed{.name = source["name"].String(), .path = source["filePath"].String()};
  // The file itself is asked for the rest, which only has to have the right shape.
  IfPresent(source["width"], Pixels);
  IfPresent(source["height"], Pixels);
  IfPresent(source["duration"], &JsonField::NonNegative);
  IfPresent(source["fps"], &JsonField::Positive);
  IfPresent(source["hasAudio"], &JsonField::Boolean);
  return parsed;
}

Segment ParseSegment(const JsonField& segment) {
  constexpr double kMax = std::numeric_limits<int>::max();
  Segment parsed;
  parsed.source = static_cast<int>(std::min(segment["sourceIndex"].WholeNonNegative(), kMax));
  parsed.start = SecondsFromDouble(segment["startTime"].NonNegative());
  parsed.end = SecondsFromDouble(segment["endTime"].NonNegative());
  parsed.heard = IfPresent(segment["audioFromSource"], &JsonField::Boolean).value_or(true);
  return parsed;
}

// What holds between the parts is asked once each of them is right by itself, as the schema does.
void RequireSources(const JsonField& segments, const ExportRequest& request) {
  const std::size_t count = request.sources.size();
  for (const JsonField& segment : segments.Items()) {
    if (segment["sourceIndex"].WholeNonNegative() < static_cast<double>(count)) continue;
    segment["sourceIndex"].Refuse("the index of one of the " + std::to_string(count) + " sources");
  }
}

void ParseOutput(const JsonField& output, ExportRequest& request) {
  request.output_path = output["filePath"].String();
  Edit& edit = request.edit;
  const auto format = [](const JsonField& field) {
    return field.OneOf<OutputFormat>({{"mp4", OutputFormat::kMp4}, {"webm", OutputFormat::kWebm}});
  };
  const auto codec = [](const JsonField& field) {
    return field.OneOf<OutputCodec>(
        {{"copy", OutputCodec::kCopy}, {"h264", OutputCodec::kH264}, {"h265", OutputCodec::kH265}});
  };
  edit.format = IfPresent(output["format"], format).value_or(edit.format);
  edit.width = IfPresent(output["width"], Pixels);
  edit.height = IfPresent(output["height"], Pixels);
  edit.frame_rate = IfPresent(output["fps"], FrameRate);
  edit.codec = IfPresent(output["codec"], codec).value_or(edit.codec);
  edit.include_audio = IfPresent(output["includeAudio"], &JsonField::Boolean).value_or(true);
}

std::vector<JsonField> AtLeastOne(const JsonField& array) {
  std::vector<JsonField> items = array.Items();
  if (items.empty()) array.Refuse("an array of at least one item");
  return items;
}

// What the engine has no use for, but the schema demands.
void CheckLabels(const JsonField& config) {
  if (config["version"].WholePositive() != 1) config["version"].Refuse("1");
  for (const char* key : {"id", "projectId", "projectName"}) config[key].String();
  if (!IsUtcDateTime(config["createdAt"].String())) {
    config["createdAt"].Refuse("a date and time in UTC, such as \"2024-02-29T12:00:00.000Z\"");
  }
  IfPresent(config["status"], [](const JsonField& field) {
    return field.OneOf<bool>(
        {{"pending", true}, {"processing", true}, {"completed", true}, {"failed", true}});
  });
}

void ParseConfig(const JsonField& config, ExportRequest& request) {
  CheckLabels(config);
  for (const JsonField& source : AtLeastOne(config["sources"])) {
    request.sources.push_back(ParseSource(source));
  }
  for (const JsonField& segment : AtLeastOne(config["segments"])) {
    request.edit.segments.push_back(ParseSegment(segment));
  }
  ParseOutput(config["output"], request);
  RequireSources(config["segments"], request);
}

// Unset stands for "auto".
std::optional<RenderMode> ParseMode(const JsonField& field) {
  return field.OneOf<std::optional<RenderMode>>({{"auto", std::nullopt},
                                                 {"copy", RenderMode::kCopy},
                                                 {"hybrid", RenderMode::kHybrid},
                                                 {"reencode", RenderMode::kReencode}});
}

AudioChoice ParseAudioChoice(const JsonField& field) {
  return field.OneOf<AudioChoice>({{"auto", AudioChoice::kAuto},
                                   {"copy", AudioChoice::kCopy},
                                   {"smart", AudioChoice::kSmart},
                                   {"exact", AudioChoice::kExact}});
}

Fallback ParseFallback(const JsonField& field) {
  return field.OneOf<Fallback>({{"reencode", Fallback::kReencode}, {"fail", Fallback::kFail}});
}

VerifyLevel ParseVerify(const JsonField& field) {
  return field.OneOf<VerifyLevel>(
      {{"fast", VerifyLevel::kFast}, {"full", VerifyLevel::kFull}, {"off", VerifyLevel::kOff}});
}

std::int64_t BitRate(const JsonField& field) {
  return static_cast<std::int64_t>(
      UpTo(kMaxBitRate, field, field.WholePositive(), "at most 2147483647 bits per second"));
}

int Threads(const JsonField& field) {
  return static_cast<int>(
      UpTo(kMaxThreads, field, field.WholePositive(), "a whole number from 1 to 256"));
}

double Crf(const JsonField& field) {
  return UpTo(kMaxCrf, field, field.NonNegative(), "a number from 0 to 63");
}

// An empty list would allow nothing, which nobody means, or everything, which is worse.
std::vector<std::string> ParseRoots(const JsonField& field) {
  std::vector<std::string> roots;
  for (const JsonField& root : AtLeastOne(field)) {
    roots.push_back(root.String());
    if (!std::filesystem::path(roots.back()).is_absolute()) root.Refuse("an absolute path");
  }
  return roots;
}

std::vector<std::string> ParseProtocols(const JsonField& field) {
  std::vector<std::string> protocols;
  for (const JsonField& protocol : AtLeastOne(field)) protocols.push_back(protocol.String());
  return protocols;
}

void ParseVideo(const JsonField& video, ExportOptions& options) {
  options.preset = IfPresent(video["preset"], &JsonField::String);
  options.crf = IfPresent(video["crf"], Crf);
  options.video_bit_rate = IfPresent(video["bitrate"], BitRate);
  if (options.crf && options.video_bit_rate) video["bitrate"].Refuse("no bitrate beside crf");
}

ExportOptions ParseOptions(const JsonField& field) {
  ExportOptions options;
  if (!field.present()) return options;
  options.media_base_path = IfPresent(field["mediaBasePath"], &JsonField::String).value_or("");
  options.output = IfPresent(field["output"], &JsonField::String);
  options.mode = IfPresent(field["mode"], ParseMode).value_or(std::nullopt);
  options.audio = IfPresent(field["audio"], ParseAudioChoice).value_or(options.audio);
  if (field["video"].present()) ParseVideo(field["video"], options);
  options.audio_bit_rate =
      IfPresent(field["audioBitrate"], BitRate).value_or(options.audio_bit_rate);
  options.threads = IfPresent(field["threads"], Threads);
  options.fallback = IfPresent(field["fallback"], ParseFallback).value_or(options.fallback);
  options.max_encoded_seconds = IfPresent(field["maxEncodedSeconds"], &JsonField::NonNegative);
  options.overwrite =
      IfPresent(field["overwrite"], &JsonField::Boolean).value_or(options.overwrite);
  options.verify = IfPresent(field["verify"], ParseVerify).value_or(options.verify);
  options.allowed_roots =
      IfPresent(field["allowedRoots"], ParseRoots).value_or(options.allowed_roots);
  options.allowed_protocols =
      IfPresent(field["allowedProtocols"], ParseProtocols).value_or(options.allowed_protocols);
  options.clamp_silently = IfPresent(field["clampSilently"], &JsonField::Boolean).value_or(false);
  return options;
}

}  // namespace

ExportRequest ParseExportRequest(std::string_view json_text) {
  const nlohmann::json text = ParseJson(json_text);
  const JsonField root(&text, "");
  ExportRequest request;
  request.options = ParseOptions(root["options"]);
  // The caller knows the config and not the request around it.
  ParseConfig(root["config"].AsRoot(), request);
  return request;
}

ProbeRequest ParseProbeRequest(std::string_view json_text) {
  const nlohmann::json text = ParseJson(json_text);
  const JsonField root(&text, "");
  const ExportOptions options = ParseOptions(root["options"]);
  return {.input = root["input"].String(),
          .allowed_roots = options.allowed_roots,
          .allowed_protocols = options.allowed_protocols};
}

}  // namespace opencut
