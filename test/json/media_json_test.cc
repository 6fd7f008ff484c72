// The shapes are those of types/media.d.ts and types/capabilities.d.ts.
#include "json/media_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace opencut {
namespace {

using nlohmann::json;

StreamInfo Picture() {
  StreamInfo stream;
  stream.type = StreamType::kVideo;
  stream.codec = "hevc";
  stream.time_base = Rational(1, 30000);
  stream.video.width = 1920;
  stream.video.height = 1080;
  stream.video.coded_width = 1920;
  stream.video.coded_height = 1088;
  return stream;
}

TEST(MediaInfoToJson, LeavesOutWhatTheFileDoesNotSay) {
  MediaInfo info;
  info.path = "a.mkv";
  info.container = "matroska,webm";
  info.streams.push_back(Picture());
  EXPECT_EQ(json::parse(ToJson(info)), json::parse(R"({
    "path": "a.mkv", "container": "matroska,webm",
    "streams": [{
      "type": "video", "index": 0, "codec": "hevc", "timeBase": [1, 30000], "disposition": [],
      "metadata": {}, "width": 1920, "height": 1080, "codedWidth": 1920, "codedHeight": 1088,
      "rotation": 0, "mirrored": false, "color": {}, "reorderDepth": 0}],
    "chapters": [], "metadata": {}})"));
}

TEST(MediaInfoToJson, SaysAllThatIsKnownOfPictures) {
  StreamInfo stream = Picture();
  stream.index = 1;
  stream.id = 2;
  stream.codec_tag = "hvc1";
  stream.profile = "Main 10";
  stream.level = 123;
  stream.start_time = 0.5;
  stream.duration = 10.01;
  stream.bit_rate = 8'000'000;
  stream.frame_count = 300;
  stream.language = "eng";
  stream.disposition = {"default"};
  stream.metadata = {{"handler_name", "Camera"}};
  VideoInfo& video = stream.video;
  video.sample_aspect_ratio = Rational(4, 3);
  video.rotation = 90;
  video.mirrored = true;
  video.display_matrix = DisplayMatrix{0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30};
  video.pixel_format = "yuv420p10le";
  video.bit_depth = 10;
  video.color = {"tv", "bt2020nc", "bt2020", "smpte2084", "left"};
  video.field_order = "progressive";
  video.average_frame_rate = Rational(30000, 1001);
  video.real_frame_rate = Rational(30);
  video.reorder_depth = 2;
  video.hdr.mastering_display =
      GradingDisplay{.primaries = GradingDisplay::Primaries{.red = {0.68, 0.32},
                                                            .green = {0.265, 0.69},
                                                            .blue = {0.15, 0.06},
                                                            .white_point = {0.3127, 0.329}},
                     .luminance = GradingDisplay::Luminance{.min = 0.005, .max = 1000}};
  video.hdr.content_light = LightLevel{.max = 1100, .max_average = 180};
  video.hdr.dolby_vision = DolbyVision{1, 0, 8, 4, true, false, true, 1};
  MediaInfo info;
  info.streams.push_back(stream);
  EXPECT_EQ(json::parse(ToJson(info))["streams"][0], json::parse(R"({
    "type": "video", "index": 1, "id": 2, "codec": "hevc", "codecTag": "hvc1",
    "profile": "Main 10", "level": 123, "timeBase": [1, 30000], "startTime": 0.5,
    "duration": 10.01, "bitRate": 8000000, "frameCount": 300, "language": "eng",
    "disposition": ["default"], "metadata": {"handler_name": "Camera"},
    "width": 1920, "height": 1080, "codedWidth": 1920, "codedHeight": 1088,
    "sampleAspectRatio": [4, 3], "rotation": 90, "mirrored": true,
    "displayMatrix": [0, 65536, 0, -65536, 0, 0, 0, 0, 1073741824],
    "pixelFormat": "yuv420p10le", "bitDepth": 10,
    "color": {"range": "tv", "space": "bt2020nc", "primaries": "bt2020",
              "transfer": "smpte2084", "chromaLocation": "left"},
    "fieldOrder": "progressive",
    "hdr": {"masteringDisplay": {
              "primaries": {"red": [0.68, 0.32], "green": [0.265, 0.69], "blue": [0.15, 0.06],
                            "whitePoint": [0.3127, 0.329]},
              "luminance": {"min": 0.005, "max": 1000.0}},
            "contentLight": {"max": 1100, "maxAverage": 180},
            "dolbyVision": {"versionMajor": 1, "versionMinor": 0, "profile": 8, "level": 4,
                            "rpuPresent": true, "enhancementLayerPresent": false,
                            "baseLayerPresent": true, "baseLayerCompatibilityId": 1}},
    "averageFrameRate": [30000, 1001], "realFrameRate": [30, 1], "reorderDepth": 2})"));
}

TEST(MediaInfoToJson, SaysAllThatIsKnownOfSound) {
  StreamInfo stream;
  stream.type = StreamType::kAudio;
  stream.codec = "flac";
  stream.time_base = Rational(1, 48000);
  stream.audio = {48000, 6, "5.1", "s32", 24, 312};
  MediaInfo info;
  info.streams.push_back(stream);
  EXPECT_EQ(json::parse(ToJson(info))["streams"][0], json::parse(R"({
    "type": "audio", "index": 0, "codec": "flac", "timeBase": [1, 48000], "disposition": [],
    "metadata": {}, "sampleRate": 48000, "channels": 6, "channelLayout": "5.1",
    "sampleFormat": "s32", "bitDepth": 24, "initialPadding": 312})"));
}

TEST(MediaInfoToJson, SaysWhatTheContainerSays) {
  MediaInfo info;
  info.path = "b.mp4";
  info.container = "mov,mp4,m4a,3gp,3g2,mj2";
  info.size_bytes = 123;
  info.duration = 2.5;
  info.start_time = -0.007;
  info.bit_rate = 394;
  info.chapters = {{.start = 0, .end = 1, .title = "One", .metadata = {{"artist", "A"}}},
                   {.start = 1, .end = 2.5, .title = {}, .metadata = {}}};
  info.metadata = {{"title", "Film"}};
  EXPECT_EQ(json::parse(ToJson(info)), json::parse(R"({
    "path": "b.mp4", "container": "mov,mp4,m4a,3gp,3g2,mj2", "size": 123, "duration": 2.5,
    "startTime": -0.007, "bitRate": 394, "streams": [],
    "chapters": [{"start": 0.0, "end": 1.0, "title": "One", "metadata": {"artist": "A"}},
                 {"start": 1.0, "end": 2.5, "metadata": {}}],
    "metadata": {"title": "Film"}})"));
}

TEST(MediaInfoToJson, WritesOtherStreamsByTheirType) {
  MediaInfo info;
  for (const StreamType type :
       {StreamType::kSubtitle, StreamType::kData, StreamType::kAttachment, StreamType::kUnknown}) {
    info.streams.emplace_back().type = type;
  }
  const json streams = json::parse(ToJson(info))["streams"];
  EXPECT_EQ(streams[0]["type"], "subtitle");
  EXPECT_EQ(streams[1]["type"], "data");
  EXPECT_EQ(streams[2]["type"], "attachment");
  EXPECT_EQ(streams[3]["type"], "unknown");
  EXPECT_FALSE(streams[0].contains("width") || streams[0].contains("sampleRate"));
}

TEST(MediaInfoToJson, KeepsTagsThatAreNotUtf8Readable) {
  MediaInfo info;
  info.metadata = {{"title", "Caf\xe9"}};
  EXPECT_EQ(json::parse(ToJson(info))["metadata"]["title"], "Caf\ufffd");
}

TEST(CapabilitiesToJson, HasTheFieldsOfTheDeclaration) {
  const Capabilities capabilities{
      .versions = {"5.1.9", "59.1.2", "59.3.4", "8.5.6", "57.7.8", "4.9.1", "6.2.3"},
      .encoders = {"libx264"},
      .decoders = {"aac", "h264"},
      .muxers = {"mp4"},
      .protocols = {"file"},
      .hardware = {},
      .license = "GPL version 2 or later"};
  EXPECT_EQ(json::parse(ToJson(capabilities)), json::parse(R"({
    "versions": {"ffmpeg": "5.1.9", "libavformat": "59.1.2", "libavcodec": "59.3.4",
                 "libavfilter": "8.5.6", "libavutil": "57.7.8", "libswresample": "4.9.1",
                 "libswscale": "6.2.3"},
    "encoders": ["libx264"], "decoders": ["aac", "h264"], "muxers": ["mp4"],
    "protocols": ["file"], "hardware": [], "license": "GPL version 2 or later"})"));
}

}  // namespace
}  // namespace opencut
