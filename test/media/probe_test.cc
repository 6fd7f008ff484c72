// Reference: ffprobe, which reads and decodes the first packets of every file.
#include "media/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "media/byte_io.h"
#include "media/format_opener.h"
#include "test/media/media_fixture.h"

namespace opencut {
namespace {

using nlohmann::json;
using testing::Clip;
using testing::RealFile;
using testing::Run;

json AskFfprobe(const std::string& path, const std::string& what) {
  return json::parse(Run("ffprobe -v quiet -of json " + what + " '" + path + "'"));
}

// ffprobe leaves out what it does not know, or says "unknown".
std::string Text(const json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
  return text == "unknown" || text == "unspecified" ? "" : text;
}

std::int64_t Integer(const json& object, const std::string& key) {
  const std::string text = Text(object, key);
  return text.empty() ? 0 : std::stoll(text);
}

std::string Ratio(const std::optional<Rational>& ratio, char separator) {
  if (!ratio) return std::string("0") + separator + "0";
  return std::to_string(ratio->num()) + separator + std::to_string(ratio->den());
}

// ffprobe writes some fractions as they stand in the file.
std::string Reduced(const std::string& text, char separator) {
  const std::size_t middle = text.find(separator);
  if (middle == std::string::npos) return std::string("0") + separator + "0";
  const std::int64_t num = std::stoll(text.substr(0, middle));
  const std::int64_t den = std::stoll(text.substr(middle + 1));
  if (num == 0 || den == 0) return std::string("0") + separator + "0";
  const std::int64_t divisor = std::gcd(num, den);
  return std::to_string(num / divisor) + separator + std::to_string(den / divisor);
}

Tags ExpectedTags(const json& object, const std::string& without) {
  Tags tags;
  if (!object.contains("tags")) return tags;
  for (const auto& [key, value] : object["tags"].items()) {
    if (key != without) tags.emplace(key, value.get<std::string>());
  }
  return tags;
}

const json* SideData(const json& object, const std::string& type) {
  const auto list = object.find("side_data_list");
  if (list == object.end()) return nullptr;
  for (const json& entry : *list) {
    if (Text(entry, "side_data_type") == type) return &entry;
  }
  return nullptr;
}

void CompareTimes(const StreamInfo& stream, const json& expected) {
  const auto ticks = [&](const std::optional<double>& seconds) {
    return seconds ? std::to_string(std::llround(*seconds / stream.time_base.ToDouble())) : "";
  };
  EXPECT_EQ(Ratio(stream.time_base, '/'), Text(expected, "time_base"));
  // For data streams that do not say it, libav makes it up from the container's.
  if (stream.type != StreamType::kVideo && stream.type != StreamType::kAudio) return;
  EXPECT_EQ(ticks(stream.start_time), Text(expected, "start_pts"));
  EXPECT_EQ(ticks(stream.duration), Text(expected, "duration_ts"));
}

void CompareCommon(const StreamInfo& stream, const json& expected) {
  EXPECT_EQ(stream.index, expected["index"]);
  const std::string codec = Text(expected, "codec_name");
  EXPECT_EQ(stream.codec, codec.empty() ? "unknown" : codec);
  const std::string tag = Text(expected, "codec_tag_string");
  EXPECT_EQ(stream.codec_tag, tag.find('[') == std::string::npos ? tag : "");
  const std::string profile = Text(expected, "profile");  // A number where libav has no name.
  EXPECT_EQ(stream.profile, profile == "0" ? "" : profile);
  const std::string level = Text(expected, "level");
  EXPECT_EQ(stream.level ? std::to_string(*stream.level) : "", level == "-99" ? "" : level);
  const std::string id = Text(expected, "id");
  EXPECT_EQ(stream.id.value_or(-1), id.empty() ? -1 : std::stoi(id, nullptr, 16));
  CompareTimes(stream, expected);
  EXPECT_EQ(stream.bit_rate, Integer(expected, "bit_rate"));
  EXPECT_EQ(stream.frame_count, Integer(expected, "nb_frames"));
  EXPECT_EQ(stream.metadata, ExpectedTags(expected, "language"));
  const std::string language =
      expected.contains("tags") ? Text(expected["tags"], "language") : std::string();
  EXPECT_EQ(stream.language, language == "und" ? "" : language);
  std::vector<std::string> disposition;
  for (const std::string& name : stream.disposition) EXPECT_EQ(expected["disposition"][name], 1);
  std::size_t set = 0;
  for (const auto& [name, value] : expected["disposition"].items()) set += value == 1;
  EXPECT_EQ(stream.disposition.size(), set);
}

void CompareMatrix(const VideoInfo& video, const json& expected) {
  const json* side_data = SideData(expected, "Display Matrix");
  ASSERT_EQ(video.display_matrix.has_value(), side_data != nullptr);
  if (side_data == nullptr) return;
  std::istringstream rows(Text(*side_data, "displaymatrix"));
  for (std::size_t row = 0; row < 3; ++row) {
    std::string offset;
    rows >> offset;
    for (std::size_t column = 0; column < 3; ++column) {
      std::int32_t value = 0;
      rows >> value;
      EXPECT_EQ((*video.display_matrix)[row * 3 + column], value);
    }
  }
  // ffprobe counts anticlockwise, and does not know of mirroring.
  if (!video.mirrored) {
    EXPECT_EQ(video.rotation, (360 - (*side_data)["rotation"].get<int>()) % 360);
  }
}

void CompareColor(const VideoInfo& video, const json& expected) {
  EXPECT_EQ(video.color.range, Text(expected, "color_range"));
  EXPECT_EQ(video.color.space, Text(expected, "color_space"));
  EXPECT_EQ(video.color.primaries, Text(expected, "color_primaries"));
  EXPECT_EQ(video.color.transfer, Text(expected, "color_transfer"));
  EXPECT_EQ(video.color.chroma_location, Text(expected, "chroma_location"));
}

void CompareVideo(const StreamInfo& stream, const json& expected) {
  const VideoInfo& video = stream.video;
  EXPECT_EQ(video.width, expected["width"]);
  EXPECT_EQ(video.height, expected["height"]);
  EXPECT_GE(video.coded_width, video.width);
  EXPECT_GE(video.coded_height, video.height);
  EXPECT_EQ(Ratio(video.sample_aspect_ratio, ':'),
            Reduced(Text(expected, "sample_aspect_ratio"), ':'));
  std::string pixel_format = Text(expected, "pix_fmt");
  if (pixel_format.starts_with("yuvj")) pixel_format.erase(3, 1);
  EXPECT_EQ(video.pixel_format, pixel_format);
  const std::int64_t bit_depth = Integer(expected, "bits_per_raw_sample");
  EXPECT_EQ(bit_depth == 0 ? 0 : video.bit_depth, bit_depth);
  CompareColor(video, expected);
  EXPECT_EQ(video.field_order, Text(expected, "field_order"));
  EXPECT_EQ(video.reorder_depth, Integer(expected, "has_b_frames"));
  CompareMatrix(video, expected);
  if (expected["disposition"]["attached_pic"] == 1) return;  // A rate would be made up.
  EXPECT_EQ(Ratio(video.average_frame_rate, '/'), Reduced(Text(expected, "avg_frame_rate"), '/'));
  EXPECT_EQ(Ratio(video.real_frame_rate, '/'), Reduced(Text(expected, "r_frame_rate"), '/'));
}

void CompareAudio(const StreamInfo& stream, const json& expected) {
  const AudioInfo& audio = stream.audio;
  EXPECT_EQ(audio.sample_rate, Integer(expected, "sample_rate"));
  EXPECT_EQ(audio.channels, expected["channels"]);
  EXPECT_EQ(audio.channel_layout, Text(expected, "channel_layout"));
  EXPECT_EQ(audio.sample_format, Text(expected, "sample_fmt"));
}

// ffprobe's own counts other streams too where they are near.
std::string EarliestPictureOrSound(const json& streams) {
  std::optional<double> earliest;
  for (const json& stream : streams) {
    const std::string type = Text(stream, "codec_type");
    if ((type != "video" && type != "audio") || stream["disposition"]["attached_pic"] == 1)
      continue;
    const std::string text = Text(stream, "start_time");
    if (text.empty()) continue;
    const double start = std::stod(text);
    earliest = std::min(earliest.value_or(start), start);
  }
  return earliest ? std::to_string(*earliest) : "";
}

void CompareFormat(const MediaInfo& info, const json& expected) {
  const json& format = expected["format"];
  EXPECT_EQ(info.container, Text(format, "format_name"));
  EXPECT_EQ(info.size_bytes.value_or(0), Integer(format, "size"));
  const auto six_decimals = [](const std::optional<double>& seconds) {
    return seconds ? std::to_string(*seconds) : "";
  };
  EXPECT_EQ(six_decimals(info.duration), Text(format, "duration"));
  EXPECT_EQ(six_decimals(info.start_time), EarliestPictureOrSound(expected["streams"]));
  EXPECT_EQ(info.bit_rate, Integer(format, "bit_rate"));
  EXPECT_EQ(info.metadata, ExpectedTags(format, ""));
  ASSERT_EQ(info.chapters.size(), expected["chapters"].size());
  for (std::size_t i = 0; i < info.chapters.size(); ++i) {
    const json& chapter = expected["chapters"][i];
    EXPECT_EQ(six_decimals(info.chapters[i].start), Text(chapter, "start_time"));
    EXPECT_EQ(six_decimals(info.chapters[i].end), Text(chapter, "end_time"));
    const json tags = chapter.value("tags", json::object());
    EXPECT_EQ(info.chapters[i].title.value_or(""), Text(tags, "title"));
    EXPECT_EQ(info.chapters[i].metadata, ExpectedTags(chapter, "title"));
  }
}

json Described(const std::string& path) {
  return AskFfprobe(path, "-show_streams -show_format -show_chapters");
}

void CompareWithFfprobe(const std::string& path, const json& expected) {
  const MediaInfo info = Probe(path, {});
  EXPECT_EQ(info.path, path);
  CompareFormat(info, expected);
  ASSERT_EQ(info.streams.size(), expected["streams"].size());
  for (std::size_t i = 0; i < info.streams.size(); ++i) {
    SCOPED_TRACE("stream " + std::to_string(i));
    const json& stream = expected["streams"][i];
    static const std::map<StreamType, std::string> kTypeNames = {
        {StreamType::kVideo, "video"},           {StreamType::kAudio, "audio"},
        {StreamType::kSubtitle, "subtitle"},     {StreamType::kData, "data"},
        {StreamType::kAttachment, "attachment"}, {StreamType::kUnknown, ""}};
    EXPECT_EQ(kTypeNames.at(info.streams[i].type), Text(stream, "codec_type"));
    CompareCommon(info.streams[i], stream);
    if (info.streams[i].type == StreamType::kVideo) CompareVideo(info.streams[i], stream);
    if (info.streams[i].type == StreamType::kAudio) CompareAudio(info.streams[i], stream);
  }
}

class ProbeOfRealFile : public ::testing::TestWithParam<const char*> {};

TEST_P(ProbeOfRealFile, SaysWhatFfprobeSays) {
  const std::optional<std::string> path = RealFile(GetParam());
  if (!path) GTEST_SKIP() << "no real footage: set OPENCUT_MEDIA to its folder";
  CompareWithFfprobe(*path, Described(*path));
}

std::string NameOf(std::string text) {
  for (char& c : text) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    , ProbeOfRealFile,
    ::testing::Values(
        "av1-hdr10-mastering-display-cll-1080p5994.mp4", "broken-corrupted-h264.mp4",
        "flac-attached-cover-audio-only.flac", "flv-h264-aac-60fps.flv",
        "fmp4-h264-1080p-rotated-aac-51.mp4", "h264-aac-1080p25-bframes.mp4",
        "h264-long-139s-10fps-cctv-video-only.mp4", "h264-open-gop-interlaced-tff-360p.mp4",
        "h264-phone-4k60-vfr-rotated90.mp4", "h264-rotate-and-mirror-720p.mp4",
        "h264-screenrec-cursed-vfr-3026x1386.mp4", "hevc-dolby-vision-p81-pq-5994.mp4",
        "hevc-dolby-vision-p84-iphone-edit-list-rot90.mp4", "hevc-hlg-phone-1080p-audio-first.mp4",
        "hevc-iphone-720p-vfr-rot90-rasl.mov", "hevc-open-gop-rasl-720p-aac.mp4",
        "mjpeg-pcm-320x240-15fps-camera.avi", "mkv-audio-delayed-500ms.mkv",
        "mkv-h264-ac3-srt-eng.mkv", "mkv-h264-opus-30fps-mono.mkv", "mov-h264-1080p50-pcm-sowt.mov",
        "mp4-chapters-nero-vfr.mp4", "mp4-edit-list-empty-edit-1s-video-late.mp4",
        "mp4-gopro-gpmd-tmcd-2997.mp4", "mp4-long-6min-1080p-lowbitrate.mp4",
        "mp4-one-video-frame-three-audio.mp4", "mp4-sar-2x1-anamorphic.mp4",
        "mp4-two-video-two-audio-two-subtitles.mp4", "prores-422-hq-interlaced-1080-2997.mov",
        "ts-clock-jumps-no-video.ts", "ts-dvb-subtitle-mpeg2.ts", "ts-hevc-1080p24-aac-51.ts",
        "ts-pts-wrap-h264-aac.ts", "vp8-vorbis-960x540-2997.webm",
        "vp9-opus-640x480-start-0227.webm", "webm-no-duration-vp9-opus-1498fps.webm",
        "wrong-extension-m4a-10ms.wav"),
    [](const auto& test) { return NameOf(test.param); });

struct ClipCase {
  const char* name;
  const char* arguments;
  const char* extension;

  friend void PrintTo(const ClipCase& clip, std::ostream* out) { *out << clip.arguments; }
};

class ProbeOfMadeFile : public ::testing::TestWithParam<ClipCase> {};

TEST_P(ProbeOfMadeFile, SaysWhatFfprobeSays) {
  const std::string path = Clip(GetParam().arguments, GetParam().extension);
  CompareWithFfprobe(path, Described(path));
}

#define PICTURE "-f lavfi -i testsrc2=s=320x180:r=25:d=1 "
#define SOUND "-f lavfi -i sine=440:r=48000:d=1 "

INSTANTIATE_TEST_SUITE_P(
    , ProbeOfMadeFile,
    ::testing::Values(
        ClipCase{"H264", PICTURE SOUND "-c:v libx264 -c:a aac", "mp4"},
        ClipCase{"H264Baseline", PICTURE "-c:v libx264 -profile:v baseline", "mp4"},
        ClipCase{"H264TenBit422", PICTURE "-c:v libx264 -pix_fmt yuv422p10le", "mp4"},
        ClipCase{"H264FullChroma", PICTURE "-c:v libx264 -pix_fmt yuv444p", "mov"},
        ClipCase{"H264Rgb", PICTURE "-c:v libx264rgb -pix_fmt bgr24", "mp4"},
        ClipCase{"H264Gray", PICTURE "-c:v libx264 -pix_fmt gray", "mp4"},
        ClipCase{"H264TopFieldFirst", PICTURE "-c:v libx264 -flags +ilme+ildct -top 1", "mp4"},
        ClipCase{"H264FullRange", PICTURE "-c:v libx264 -pix_fmt yuvj420p", "mp4"},
        ClipCase{"H264Coloured",
                 PICTURE "-c:v libx264 -color_primaries bt709 -color_trc bt709 -colorspace bt709 "
                         "-color_range tv",
                 "mp4"},
        ClipCase{"H264Anamorphic", PICTURE "-c:v libx264 -vf setsar=64/45", "mp4"},
        ClipCase{"H264OddSize", PICTURE "-c:v libx264 -vf scale=318:178", "mp4"},
        ClipCase{"H264Turned", PICTURE "-c:v libx264 -metadata:s:v rotate=90", "mp4"},
        ClipCase{"H264UpsideDown", PICTURE "-c:v libx264 -metadata:s:v rotate=180", "mov"},
        ClipCase{"H264NtscRate", PICTURE "-c:v libx264 -r 30000/1001", "mp4"},
        ClipCase{"H264VariableRate", PICTURE "-c:v libx264 -vf \"select='mod(n,7)'\" -vsync vfr",
                 "mp4"},
        ClipCase{"H264MovTimecode", PICTURE "-c:v libx264 -timecode 01:00:00:00", "mov"},
        ClipCase{"H264Fragmented",
                 PICTURE SOUND "-c:v libx264 -c:a aac -movflags frag_keyframe+empty_moov", "mp4"},
        ClipCase{"H264InBand", PICTURE "-c:v libx264 -tag:v avc3", "mp4"},
        ClipCase{"Hevc", PICTURE "-c:v libx265 -x265-params log-level=none -tag:v hvc1", "mp4"},
        ClipCase{"HevcTenBit",
                 PICTURE "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none", "mov"},
        ClipCase{"HevcTwelveBit422",
                 PICTURE "-c:v libx265 -pix_fmt yuv422p12le -x265-params log-level=none", "mp4"},
        ClipCase{"HevcLimitedRangeUnsaid",
                 PICTURE "-c:v libx265 -bf 0 -x265-params log-level=none:range=full", "mp4"},
        ClipCase{"Mpeg4", PICTURE "-c:v mpeg4", "mp4"},
        ClipCase{"ProRes", PICTURE "-c:v prores_ks", "mov"},
        ClipCase{"Vp9WebM", PICTURE SOUND "-c:v libvpx-vp9 -c:a libopus", "webm"},
        ClipCase{"Vp9Mp4", PICTURE "-c:v libvpx-vp9", "mp4"},
        ClipCase{"Mpeg2Ts", PICTURE SOUND "-c:v mpeg2video -c:a mp2", "ts"},
        ClipCase{"Mpeg2Interlaced", PICTURE "-c:v mpeg2video -flags +ilme+ildct -top 1", "mpg"},
        ClipCase{"Gif", PICTURE, "gif"}, ClipCase{"Png", PICTURE "-frames:v 1", "png"},
        ClipCase{"AacMono", SOUND "-c:a aac", "m4a"},
        ClipCase{"AacSurround", SOUND "-c:a aac -ac 6", "m4a"},
        ClipCase{"AacFiveChannels", SOUND "-c:a aac -ac 5", "mp4"},
        ClipCase{"AacQuad", SOUND "-af aformat=channel_layouts=4.0 -c:a aac", "mp4"},
        ClipCase{"AacSevenOne", SOUND "-c:a aac -ac 8", "mp4"},
        ClipCase{"AacLowRate", SOUND "-c:a aac -ar 16000", "mp4"},
        ClipCase{"PcmMov", SOUND "-c:a pcm_s16le", "mov"},
        ClipCase{"Pcm24Surround", SOUND "-c:a pcm_s24le -ac 6", "mov"},
        ClipCase{"PcmThreeChannels", SOUND "-af aformat=channel_layouts=3.0 -c:a pcm_s16be", "mov"},
        ClipCase{"PcmFloatQuiet", SOUND "-c:a pcm_f32le", "mov"},
        ClipCase{"PcmALaw", SOUND "-c:a pcm_alaw -ar 8000", "mov"},
        ClipCase{"Alac", SOUND "-c:a alac", "m4a"}, ClipCase{"Flac", SOUND "-c:a flac", "flac"},
        ClipCase{"Mp3", SOUND "-c:a libmp3lame -metadata title=Tone", "mp3"},
        ClipCase{"Ac3Mp4", SOUND "-c:a ac3", "mp4"},
        ClipCase{"OpusMp4", SOUND "-c:a libopus", "mp4"},
        ClipCase{"OpusOgg", SOUND "-c:a libopus", "ogg"}, ClipCase{"Wav", SOUND, "wav"},
        ClipCase{"Tags",
                 PICTURE SOUND "-c:v libx264 -c:a aac -metadata title='A title' -metadata "
                               "comment=Ünïcödé -metadata:s:a language=deu -disposition:a "
                               "default+forced -metadata:s:v handler_name=Pictures",
                 "mp4"},
        ClipCase{"Cover",
                 SOUND "-f lavfi -i color=red:s=64x64:d=0.04 -map 0 -map 1 -c:a aac -c:v mjpeg "
                       "-frames:v 1 -disposition:v attached_pic",
                 "m4a"}),
    [](const auto& test) { return std::string(test.param.name); });

class ProbeOfHdr : public ::testing::TestWithParam<const char*> {};

// x265 writes the messages twice: into the first picture, and into the header, which MPEG-TS drops.
TEST_P(ProbeOfHdr, ReadsTheMetadataOfTheStreamItself) {
  const std::string path = Clip(
      "-f lavfi -i testsrc2=s=320x180:r=25:d=0.4 -c:v libx265 -pix_fmt yuv420p10le -x265-params "
      "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:"
      "max-cll=1000,400:master-display=\"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)"
      "L(10000000,50)\"",
      GetParam());
  const HdrInfo hdr = Probe(path, {}).streams.at(0).video.hdr;
  ASSERT_TRUE(hdr.mastering_display && hdr.content_light);
  const json frame = AskFfprobe(path, "-show_frames -read_intervals %+#1")["frames"][0];
  const json* mastering = SideData(frame, "Mastering display metadata");
  const json* light = SideData(frame, "Content light level metadata");
  ASSERT_TRUE(mastering != nullptr && light != nullptr);
  const auto expect = [&](double value, const std::string& key) {
    const std::string text = Text(*mastering, key);
    const std::size_t slash = text.find('/');
    EXPECT_DOUBLE_EQ(value, std::stod(text.substr(0, slash)) / std::stod(text.substr(slash + 1)))
        << key;
  };
  const auto expect_point = [&](const Chromaticity& point, const std::string& key) {
    expect(point.x, key + "_x");
    expect(point.y, key + "_y");
  };
  const GradingDisplay& display = *hdr.mastering_display;
  ASSERT_TRUE(display.primaries && display.luminance);
  expect_point(display.primaries->red, "red");
  expect_point(display.primaries->green, "green");
  expect_point(display.primaries->blue, "blue");
  expect_point(display.primaries->white_point, "white_point");
  expect(display.luminance->min, "min_luminance");
  expect(display.luminance->max, "max_luminance");
  EXPECT_EQ(hdr.content_light->max, (*light)["max_content"]);
  EXPECT_EQ(hdr.content_light->max_average, (*light)["max_average"]);
}

INSTANTIATE_TEST_SUITE_P(, ProbeOfHdr, ::testing::Values("mp4", "ts"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Probe, ReadsHdrMetadataOfTheContainer) {
  const std::optional<std::string> path = RealFile("av1-hdr10-mastering-display-cll-1080p5994.mp4");
  if (!path) GTEST_SKIP() << "no real footage: set OPENCUT_MEDIA to its folder";
  const HdrInfo hdr = Probe(*path, {}).streams.at(0).video.hdr;
  ASSERT_TRUE(hdr.mastering_display && hdr.content_light);
  EXPECT_DOUBLE_EQ(hdr.mastering_display->primaries->red.x, 33899 / 50000.0);
  EXPECT_DOUBLE_EQ(hdr.mastering_display->luminance->max, 1000);
  EXPECT_EQ(hdr.content_light->max, 1100);
  EXPECT_EQ(hdr.content_light->max_average, 180);
}

TEST(Probe, ReadsTheDolbyVisionConfiguration) {
  const std::optional<std::string> path = RealFile("hevc-dolby-vision-p81-pq-5994.mp4");
  if (!path) GTEST_SKIP() << "no real footage: set OPENCUT_MEDIA to its folder";
  const json stream = AskFfprobe(*path, "-show_streams")["streams"][0];
  const json* expected = SideData(stream, "DOVI configuration record");
  ASSERT_NE(expected, nullptr);
  const std::optional<DolbyVision> dolby = Probe(*path, {}).streams.at(0).video.hdr.dolby_vision;
  ASSERT_TRUE(dolby);
  EXPECT_EQ(dolby->version_major, (*expected)["dv_version_major"]);
  EXPECT_EQ(dolby->version_minor, (*expected)["dv_version_minor"]);
  EXPECT_EQ(dolby->profile, (*expected)["dv_profile"]);
  EXPECT_EQ(dolby->level, (*expected)["dv_level"]);
  EXPECT_EQ(dolby->rpu_present, (*expected)["rpu_present_flag"] == 1);
  EXPECT_EQ(dolby->enhancement_layer_present, (*expected)["el_present_flag"] == 1);
  EXPECT_EQ(dolby->base_layer_present, (*expected)["bl_present_flag"] == 1);
  EXPECT_EQ(dolby->base_layer_compatibility_id, (*expected)["dv_bl_signal_compatibility_id"]);
}

TEST(Probe, CountsNoFramesWhereTheHeaderCountsThoseOfTheFirstFragment) {
  const std::string path =
      Clip(PICTURE SOUND "-c:v libx264 -g 10 -c:a aac -movflags frag_keyframe", "mp4");
  json expected = Described(path);
  EXPECT_EQ(Integer(expected["streams"][0], "nb_frames"), 10);
  for (json& stream : expected["streams"]) stream.erase("nb_frames");
  CompareWithFfprobe(path, expected);
}

TEST(Probe, CountsPrimingFromTheEditList) {
  // libavcodec's AAC encoder begins with 1024 samples that are not sound.
  EXPECT_EQ(Probe(Clip(SOUND "-c:a aac", "m4a"), {}).streams.at(0).audio.initial_padding, 1024);
  EXPECT_EQ(Probe(Clip(SOUND "-c:a libopus", "webm"), {}).streams.at(0).audio.initial_padding, 312);
  EXPECT_EQ(Probe(Clip(SOUND "-c:a pcm_s16le", "mov"), {}).streams.at(0).audio.initial_padding, 0);
}

TEST(Probe, GivesABitDepthOfSoundOnlyWhereNothingIsLost) {
  const auto bit_depth = [](const std::string& codec, const std::string& extension) {
    return Probe(Clip(SOUND "-c:a " + codec, extension), {}).streams.at(0).audio.bit_depth;
  };
  EXPECT_EQ(bit_depth("pcm_s24le", "mov"), 24);
  EXPECT_EQ(bit_depth("alac", "m4a"), 16);
  EXPECT_EQ(bit_depth("flac", "flac"), 16);
  EXPECT_EQ(bit_depth("aac", "m4a"), 0);
}

TEST(Probe, TellsMirroringFromTurning) {
  const std::optional<std::string> path = RealFile("h264-rotate-and-mirror-720p.mp4");
  if (!path) GTEST_SKIP() << "no real footage: set OPENCUT_MEDIA to its folder";
  // Its matrix exchanges x and y. Mirrored left to right and then turned by 270 degrees clockwise,
  // (x, y) becomes (-x, y) and then (y, x).
  const VideoInfo video = Probe(*path, {}).streams.at(0).video;
  EXPECT_TRUE(video.mirrored);
  EXPECT_EQ(video.rotation, 270);
}

TEST(Probe, GivesTheCodedSizeInWholeBlocks) {
  const VideoInfo h264 =
      Probe(Clip(PICTURE "-c:v libx264 -vf scale=318:178", "mp4"), {}).streams.at(0).video;
  EXPECT_EQ(h264.coded_width, 320);
  EXPECT_EQ(h264.coded_height, 192);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Work>
double LeastCpuSeconds(Work work) {
  double least = 1e9;
  for (int i = 0; i < 50; ++i) {
    const double start = CpuSeconds();
    work();
    least = std::min(least, CpuSeconds() - start);
  }
  return least;
}

TEST(Probe, CostsAtMostTwiceWhatOpeningCosts) {
  const std::string path = Clip(
      "-f lavfi -i testsrc2=s=1920x1080:r=30:d=20 -f lavfi -i sine=440:r=48000:d=20 "
      "-c:v libx264 -preset ultrafast -c:a aac",
      "mp4");
  const double open = LeastCpuSeconds([&] {
    AVFormatContext* context = nullptr;
    ASSERT_GE(avformat_open_input(&context, path.c_str(), nullptr, nullptr), 0);
    avformat_close_input(&context);
  });
  const double probe = LeastCpuSeconds([&] { Probe(path, {}); });
  RecordProperty("open_us", static_cast<int>(open * 1e6));
  RecordProperty("probe_us", static_cast<int>(probe * 1e6));
  EXPECT_LE(probe, 2 * open);
}

}  // namespace
}  // namespace opencut
