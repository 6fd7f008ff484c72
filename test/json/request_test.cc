#include "json/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace opencut {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json Minimal() {
  return json::parse(R"({
    "version": 1, "id": "1", "projectId": "p", "projectName": "Film",
    "createdAt": "2024-02-29T12:00:00.000Z",
    "sources": [{"id": "a", "name": "Camera A", "filePath": "a.mp4"}],
    "segments": [{"sourceIndex": 0, "startTime": 1.5, "endTime": 4}],
    "output": {"filePath": "exports/1/output.mp4"}})");
}

ExportRequest Parse(const json& config, const json& options = json::object()) {
  return ParseExportRequest(json{{"config", config}, {"options", options}}.dump());
}

// The refusal of `text`; fails when there is none.
Error RefusalOf(const std::string& text) {
  try {
    ParseExportRequest(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadArgs);
    return error;
  }
  ADD_FAILURE() << text << " was accepted";
  return Error(ErrorCode::kExec, "");
}

TEST(ParseExportRequest, FillsInTheSchemasDefaults) {
  const ExportRequest request = Parse(Minimal());
  ASSERT_EQ(request.sources.size(), 1u);
  EXPECT_EQ(request.sources[0].name, "Camera A");
  EXPECT_EQ(request.sources[0].path, "a.mp4");
  ASSERT_EQ(request.edit.segments.size(), 1u);
  EXPECT_EQ(request.edit.segments[0].source, 0);
  EXPECT_EQ(request.edit.segments[0].start, Rational(3, 2));
  EXPECT_EQ(request.edit.segments[0].end, Rational(4));
  EXPECT_TRUE(request.edit.segments[0].heard);
  EXPECT_EQ(request.edit.format, OutputFormat::kMp4);
  EXPECT_EQ(request.edit.codec, OutputCodec::kCopy);
  EXPECT_TRUE(request.edit.include_audio);
  EXPECT_FALSE(request.edit.width || request.edit.height || request.edit.frame_rate);
  EXPECT_EQ(request.output_path, "exports/1/output.mp4");
}

TEST(ParseExportRequest, ReadsWhatTheConfigSays) {
  json config = Minimal();
  config["segments"][0]["audioFromSource"] = false;
  config["output"].update({{"format", "webm"},
                           {"width", 1280},
                           {"height", 720},
                           {"fps", 29.97},
                           {"codec", "h265"},
                           {"includeAudio", false}});
  const Edit edit = Parse(config).edit;
  EXPECT_FALSE(edit.segments[0].heard);
  EXPECT_EQ(edit.format, OutputFormat::kWebm);
  EXPECT_EQ(edit.width, 1280);
  EXPECT_EQ(edit.height, 720);
  EXPECT_EQ(edit.frame_rate, Rational(30000, 1001));
  EXPECT_EQ(edit.codec, OutputCodec::kH265);
  EXPECT_FALSE(edit.include_audio);
}

TEST(ParseExportRequest, TakesOptionsThatAreLeftOutAsTheirDefaults) {
  const ExportOptions options = ParseExportRequest(json{{"config", Minimal()}}.dump()).options;
  EXPECT_EQ(options.media_base_path, "");
  EXPECT_FALSE(options.output || options.mode || options.preset || options.crf);
  EXPECT_FALSE(options.video_bit_rate || options.threads || options.max_encoded_seconds);
  EXPECT_EQ(options.audio, AudioChoice::kAuto);
  EXPECT_EQ(options.audio_bit_rate, 192'000);
  EXPECT_EQ(options.fallback, Fallback::kReencode);
  EXPECT_TRUE(options.overwrite);
  EXPECT_EQ(options.verify, VerifyLevel::kFast);
  EXPECT_TRUE(options.allowed_roots.empty());
  EXPECT_THAT(options.allowed_protocols, ElementsAre("file"));
  EXPECT_FALSE(options.clamp_silently);
}

TEST(ParseExportRequest, ReadsEveryOption) {
  const ExportOptions options = Parse(Minimal(), json::parse(R"({
    "mediaBasePath": "/media", "output": "/out.mp4", "mode": "hybrid", "audio": "smart",
    "video": {"preset": "veryfast", "crf": 18.5}, "audioBitrate": 128000, "threads": 256,
    "fallback": "fail", "maxEncodedSeconds": 0, "overwrite": false, "verify": "full",
    "allowedRoots": ["/media", "/tmp"], "allowedProtocols": ["file", "https"],
    "clampSilently": true})"))
                                    .options;
  EXPECT_EQ(options.media_base_path, "/media");
  EXPECT_EQ(options.output, "/out.mp4");
  EXPECT_EQ(options.mode, RenderMode::kHybrid);
  EXPECT_EQ(options.audio, AudioChoice::kSmart);
  EXPECT_EQ(options.preset, "veryfast");
  EXPECT_EQ(options.crf, 18.5);
  EXPECT_EQ(options.audio_bit_rate, 128'000);
  EXPECT_EQ(options.threads, 256);
  EXPECT_EQ(options.fallback, Fallback::kFail);
  EXPECT_EQ(options.max_encoded_seconds, 0);
  EXPECT_FALSE(options.overwrite);
  EXPECT_EQ(options.verify, VerifyLevel::kFull);
  EXPECT_THAT(options.allowed_roots, ElementsAre("/media", "/tmp"));
  EXPECT_THAT(options.allowed_protocols, ElementsAre("file", "https"));
  EXPECT_TRUE(options.clamp_silently);
  EXPECT_EQ(Parse(Minimal(), {{"video", {{"bitrate", 5e6}}}}).options.video_bit_rate, 5'000'000);
  EXPECT_EQ(Parse(Minimal(), {{"mode", "auto"}}).options.mode, std::nullopt);
  EXPECT_EQ(Parse(Minimal(), {{"mode", "copy"}}).options.mode, RenderMode::kCopy);
  EXPECT_EQ(Parse(Minimal(), {{"mode", "reencode"}}).options.mode, RenderMode::kReencode);
  EXPECT_EQ(Parse(Minimal(), {{"verify", "off"}}).options.verify, VerifyLevel::kOff);
}

// A JSON pointer into the minimal config, and what is put there.
struct Change {
  const char* pointer;
  const char* value;
};

TEST(ParseExportRequest, AcceptsWhatTheSchemaAccepts) {
  for (const Change& change : {
           Change{"/version", "1.0"},
           {"/createdAt", "\"0000-02-29T00:00Z\""},
           {"/status", "\"failed\""},
           {"/sources/0/width", "1e21"},
           {"/sources/0/width", "1920.0"},
           {"/sources/0/duration", "-0.0"},
           {"/sources/0/fps", "1e-300"},
           {"/segments/0/startTime", "-0"},
           {"/segments/0/endTime", "1e300"},
           {"/segments/0/sourceIndex", "-0.0"},
           {"/output/width", "18446744073709551615"},
           {"/output/fps", "1e300"},
           {"/unknown", "{\"deep\": [[[null]]]}"},
           {"/sources/0/unknown", "1"},
       }) {
    json config = Minimal();
    config[json::json_pointer(change.pointer)] = json::parse(change.value);
    EXPECT_NO_THROW(Parse(config)) << change.pointer << " = " << change.value;
  }
}

struct Refused {
  const char* pointer;
  const char* value;  // Null: the field is taken away.
  const char* json_path;
};

TEST(ParseExportRequest, RefusesByPlaceWhatTheSchemaRefuses) {
  for (const Refused& refused : {
           Refused{"/version", "2", "version"},
           {"/version", "true", "version"},
           {"/version", "\"1\"", "version"},
           {"/version", nullptr, "version"},
           {"/id", "null", "id"},
           {"/projectId", "1", "projectId"},
           {"/projectName", nullptr, "projectName"},
           {"/createdAt", "\"2023-02-29T00:00:00Z\"", "createdAt"},
           {"/createdAt", "1709208000", "createdAt"},
           {"/status", "\"done\"", "status"},
           {"/status", "null", "status"},
           {"/sources", "[]", "sources"},
           {"/sources", "{}", "sources"},
           {"/sources", nullptr, "sources"},
           {"/sources/0", "null", "sources[0]"},
           {"/sources/0/filePath", nullptr, "sources[0].filePath"},
           {"/sources/0/width", "0", "sources[0].width"},
           {"/sources/0/width", "-0.0", "sources[0].width"},
           {"/sources/0/height", "1080.5", "sources[0].height"},
           {"/sources/0/height", "null", "sources[0].height"},
           {"/sources/0/duration", "-1e-9", "sources[0].duration"},
           {"/sources/0/fps", "0", "sources[0].fps"},
           {"/sources/0/hasAudio", "\"yes\"", "sources[0].hasAudio"},
           {"/segments", "[]", "segments"},
           {"/segments/0/sourceIndex", "0.5", "segments[0].sourceIndex"},
           {"/segments/0/sourceIndex", "-1", "segments[0].sourceIndex"},
           {"/segments/0/sourceIndex", "1", "segments[0].sourceIndex"},
           {"/segments/0/sourceIndex", "1e21", "segments[0].sourceIndex"},
           {"/segments/0/startTime", "-0.001", "segments[0].startTime"},
           {"/segments/0/endTime", "\"4\"", "segments[0].endTime"},
           {"/segments/0/endTime", nullptr, "segments[0].endTime"},
           {"/segments/0/audioFromSource", "0", "segments[0].audioFromSource"},
           {"/output", nullptr, "output"},
           {"/output", "[]", "output"},
           {"/output/filePath", "null", "output.filePath"},
           {"/output/format", "\"mov\"", "output.format"},
           {"/output/codec", "\"vp9\"", "output.codec"},
           {"/output/width", "-1", "output.width"},
           {"/output/fps", "0", "output.fps"},
           {"/output/includeAudio", "1", "output.includeAudio"},
       }) {
    SCOPED_TRACE(std::string(refused.pointer) + " = " + (refused.value ? refused.value : "absent"));
    json config = Minimal();
    const json::json_pointer pointer(refused.pointer);
    if (refused.value == nullptr) {
      config[pointer.parent_pointer()].erase(pointer.back());
    } else {
      config[pointer] = json::parse(refused.value);
    }
    const Error error = RefusalOf(json{{"config", config}}.dump());
    EXPECT_EQ(error.context().json_path, refused.json_path);
    EXPECT_THAT(error.what(), HasSubstr(refused.json_path));
  }
}

TEST(ParseExportRequest, NamesTheSegmentThatIsWrong) {
  json config = Minimal();
  for (int i = 0; i < 2; ++i) config["segments"].push_back(config["segments"][0]);
  config["segments"][2]["endTime"] = "soon";
  const Error error = RefusalOf(json{{"config", config}}.dump());
  EXPECT_EQ(error.context().json_path, "segments[2].endTime");
  EXPECT_STREQ(error.what(), "segments[2].endTime: expected a number, 0 or more, got \"soon\"");
}

TEST(ParseExportRequest, RefusesOptionsByPlace) {
  for (const Refused& refused : {
           Refused{"/mode", "\"fast\"", "options.mode"},
           {"/audio", "null", "options.audio"},
           {"/mediaBasePath", "1", "options.mediaBasePath"},
           {"/output", "true", "options.output"},
           {"/video", "null", "options.video"},
           {"/video", "{\"preset\": 1}", "options.video.preset"},
           {"/video", "{\"crf\": 63.5}", "options.video.crf"},
           {"/video", "{\"crf\": -1}", "options.video.crf"},
           {"/video", "{\"bitrate\": 0}", "options.video.bitrate"},
           {"/video", "{\"bitrate\": 1e21}", "options.video.bitrate"},
           {"/video", "{\"crf\": 20, \"bitrate\": 5000000}", "options.video.bitrate"},
           {"/audioBitrate", "0.5", "options.audioBitrate"},
           {"/threads", "0", "options.threads"},
           {"/threads", "257", "options.threads"},
           {"/threads", "1.5", "options.threads"},
           {"/fallback", "\"copy\"", "options.fallback"},
           {"/maxEncodedSeconds", "-1", "options.maxEncodedSeconds"},
           {"/overwrite", "\"no\"", "options.overwrite"},
           {"/verify", "true", "options.verify"},
           {"/allowedRoots", "\"/media\"", "options.allowedRoots"},
           {"/allowedRoots", "[]", "options.allowedRoots"},
           {"/allowedRoots", "[\"/media\", \"tmp\"]", "options.allowedRoots[1]"},
           {"/allowedRoots", "[1]", "options.allowedRoots[0]"},
           {"/allowedProtocols", "[]", "options.allowedProtocols"},
           {"/allowedProtocols", "[null]", "options.allowedProtocols[0]"},
           {"/clampSilently", "1", "options.clampSilently"},
       }) {
    SCOPED_TRACE(std::string(refused.pointer) + " = " + refused.value);
    json options = json::object();
    options[json::json_pointer(refused.pointer)] = json::parse(refused.value);
    const Error error = RefusalOf(json{{"config", Minimal()}, {"options", options}}.dump());
    EXPECT_EQ(error.context().json_path, refused.json_path);
  }
}

TEST(ParseExportRequest, RefusesWhatIsNoRequest) {
  for (const char* text : {"", "null", "[]", "{", "{} {}", "{\"config\": 1e999}", "\"\xff\""}) {
    RefusalOf(text);
  }
  EXPECT_EQ(RefusalOf("{}").context().json_path, "config");
  EXPECT_EQ(RefusalOf("{\"config\": []}").context().json_path, "config");
  EXPECT_EQ(RefusalOf("{\"config\": {}, \"options\": null}").context().json_path, "options");
}

TEST(ParseExportRequest, WithstandsDeepNesting) {
  constexpr std::size_t kLevels = 5'000'000;
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}}) {
    std::string text = "{\"config\":";
    for (std::size_t i = 0; i < kLevels; ++i) text += open;
    text += "1";
    for (std::size_t i = 0; i < kLevels; ++i) text += close;
    EXPECT_THAT(RefusalOf(text + "}").what(), HasSubstr("nested more than 100 deep"));
  }
}

TEST(ParseExportRequest, WithstandsMuchText) {
  const std::string text = "{\"config\":\"" + std::string(65u << 20, 'a') + "\"}";
  EXPECT_THAT(RefusalOf(text).what(), HasSubstr("longer than 64 MiB"));
}

TEST(ParseExportRequest, ShortensWhatItShows) {
  json config = Minimal();
  config["output"]["codec"] = std::string(59, 'a') + "\u00e9" + std::string(1000, 'a');
  const std::string message = RefusalOf(json{{"config", config}}.dump()).what();
  EXPECT_THAT(message, HasSubstr("got \"" + std::string(59, 'a') + "..."));
  EXPECT_LT(message.size(), 200u);
}

TEST(ParseProbeRequest, ReadsInputAndAccess) {
  const ProbeRequest plain = ParseProbeRequest(R"({"input": "film.mp4", "options": {}})");
  EXPECT_EQ(plain.input, "film.mp4");
  EXPECT_TRUE(plain.allowed_roots.empty());
  EXPECT_THAT(plain.allowed_protocols, ElementsAre("file"));
  const ProbeRequest request = ParseProbeRequest(
      R"({"input": "x", "options": {"allowedRoots": ["/a"], "allowedProtocols": ["https"]}})");
  EXPECT_THAT(request.allowed_roots, ElementsAre("/a"));
  EXPECT_THAT(request.allowed_protocols, ElementsAre("https"));
}

TEST(ParseProbeRequest, RefusesByPlace) {
  const auto place = [](const char* text) -> std::string {
    try {
      ParseProbeRequest(text);
    } catch (const Error& error) {
      return error.context().json_path.value_or("");
    }
    return "accepted";
  };
  EXPECT_EQ(place("{}"), "input");
  EXPECT_EQ(place("{\"input\": 1}"), "input");
  EXPECT_EQ(place("{\"input\": \"a\", \"options\": {\"allowedRoots\": \"b\"}}"),
            "options.allowedRoots");
}

}  // namespace
}  // namespace opencut
