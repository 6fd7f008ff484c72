#include "json/media_json.h"

#include "json/json_text.h"

namespace opencut {
namespace {

JsonObject TagsJson(const Tags& tags) {
  JsonObject object = JsonObject::object();
  for (const auto& [key, value] : tags) object[key] = value;
  return object;
}

const char* TypeName(StreamType type) {
  switch (type) {
    case StreamType::kVideo:
      return "video";
    case StreamType::kAudio:
      return "audio";
    case StreamType::kSubtitle:
      return "subtitle";
    case StreamType::kData:
      return "data";
    case StreamType::kAttachment:
      return "attachment";
    case StreamType::kUnknown:
      return "unknown";
  }
  return "unknown";
}

JsonObject ColorJson(const ColorInfo& color) {
  JsonObject object = JsonObject::object();
  SetUnlessEmpty(object, "range", color.range);
  SetUnlessEmpty(object, "space", color.space);
  SetUnlessEmpty(object, "primaries", color.primaries);
  SetUnlessEmpty(object, "transfer", color.transfer);
  SetUnlessEmpty(object, "chromaLocation", color.chroma_location);
  return object;
}

JsonObject ChromaticityJson(const Chromaticity& chromaticity) {
  return JsonObject::array({chromaticity.x, chromaticity.y});
}

JsonObject GradingDisplayJson(const GradingDisplay& display) {
  JsonObject object = JsonObject::object();
  if (display.primaries) {
    object["primaries"] = {{"red", ChromaticityJson(display.primaries->red)},
                           {"green", ChromaticityJson(display.primaries->green)},
                           {"blue", ChromaticityJson(display.primaries->blue)},
                           {"whitePoint", ChromaticityJson(display.primaries->white_point)}};
  }
  if (display.luminance) {
    object["luminance"] = {{"min", display.luminance->min}, {"max", display.luminance->max}};
  }
  return object;
}

JsonObject DolbyVisionJson(const DolbyVision& dolby) {
  return {{"versionMajor", dolby.version_major},
          {"versionMinor", dolby.version_minor},
          {"profile", dolby.profile},
          {"level", dolby.level},
          {"rpuPresent", dolby.rpu_present},
          {"enhancementLayerPresent", dolby.enhancement_layer_present},
          {"baseLayerPresent", dolby.base_layer_present},
          {"baseLayerCompatibilityId", dolby.base_layer_compatibility_id}};
}

JsonObject HdrJson(const HdrInfo& hdr) {
  JsonObject object = JsonObject::object();
  if (hdr.mastering_display) {
    object["masteringDisplay"] = GradingDisplayJson(*hdr.mastering_display);
  }
  if (hdr.content_light) {
    object["contentLight"] = {{"max", hdr.content_light->max},
                              {"maxAverage", hdr.content_light->max_average}};
  }
  if (hdr.dolby_vision) object["dolbyVision"] = DolbyVisionJson(*hdr.dolby_vision);
  return object;
}

void SetRational(JsonObject& object, const char* key, const std::optional<Rational>& value) {
  if (value) object[key] = RationalJson(*value);
}

void SetVideo(const VideoInfo& video, JsonObject& object) {
  object["width"] = video.width;
  object["height"] = video.height;
  object["codedWidth"] = video.coded_width;
  object["codedHeight"] = video.coded_height;
  SetRational(object, "sampleAspectRatio", video.sample_aspect_ratio);
  object["rotation"] = video.rotation;
  object["mirrored"] = video.mirrored;
  SetIfKnown(object, "displayMatrix", video.display_matrix);
  SetUnlessEmpty(object, "pixelFormat", video.pixel_format);
  if (video.bit_depth > 0) object["bitDepth"] = video.bit_depth;
  object["color"] = ColorJson(video.color);
  SetUnlessEmpty(object, "fieldOrder", video.field_order);
  if (!video.hdr.empty()) object["hdr"] = HdrJson(video.hdr);
  SetRational(object, "averageFrameRate", video.average_frame_rate);
  SetRational(object, "realFrameRate", video.real_frame_rate);
  object["reorderDepth"] = video.reorder_depth;
}

void SetAudio(const AudioInfo& audio, JsonObject& object) {
  object["sampleRate"] = audio.sample_rate;
  object["channels"] = audio.channels;
  SetUnlessEmpty(object, "channelLayout", audio.channel_layout);
  SetUnlessEmpty(object, "sampleFormat", audio.sample_format);
  if (audio.bit_depth > 0) object["bitDepth"] = audio.bit_depth;
  object["initialPadding"] = audio.initial_padding;
}

JsonObject StreamJson(const StreamInfo& stream) {
  JsonObject object = {{"type", TypeName(stream.type)}, {"index", stream.index}};
  SetIfKnown(object, "id", stream.id);
  object["codec"] = stream.codec;
  SetUnlessEmpty(object, "codecTag", stream.codec_tag);
  SetUnlessEmpty(object, "profile", stream.profile);
  SetIfKnown(object, "level", stream.level);
  object["timeBase"] = RationalJson(stream.time_base);
  SetIfKnown(object, "startTime", stream.start_time);
  SetIfKnown(object, "duration", stream.duration);
  if (stream.bit_rate > 0) object["bitRate"] = stream.bit_rate;
  if (stream.frame_count > 0) object["frameCount"] = stream.frame_count;
  SetUnlessEmpty(object, "language", stream.language);
  object["disposition"] = stream.disposition;
  object["metadata"] = TagsJson(stream.metadata);
  if (stream.type == StreamType::kVideo) SetVideo(stream.video, object);
  if (stream.type == StreamType::kAudio) SetAudio(stream.audio, object);
  return object;
}

JsonObject ChapterJson(const ChapterInfo& chapter) {
  JsonObject object = {{"start", chapter.start}, {"end", chapter.end}};
  SetIfKnown(object, "title", chapter.title);
  object["metadata"] = TagsJson(chapter.metadata);
  return object;
}

}  // namespace

std::string ToJson(const MediaInfo& info) {
  JsonObject object = {{"path", info.path}, {"container", info.container}};
  SetIfKnown(object, "size", info.size_bytes);
  SetIfKnown(object, "duration", info.duration);
  SetIfKnown(object, "startTime", info.start_time);
  if (info.bit_rate > 0) object["bitRate"] = info.bit_rate;
  object["streams"] = JsonObject::array();
  for (const StreamInfo& stream : info.streams) object["streams"].push_back(StreamJson(stream));
  object["chapters"] = JsonObject::array();
  for (const ChapterInfo& chapter : info.chapters) {
    object["chapters"].push_back(ChapterJson(chapter));
  }
  object["metadata"] = TagsJson(info.metadata);
  return Text(object);
}

std::string ToJson(const Capabilities& capabilities) {
  const Capabilities::Versions& versions = capabilities.versions;
  return Text({{"versions",
                {{"ffmpeg", versions.ffmpeg},
                 {"libavformat", versions.libavformat},
                 {"libavcodec", versions.libavcodec},
                 {"libavfilter", versions.libavfilter},
                 {"libavutil", versions.libavutil},
                 {"libswresample", versions.libswresample},
                 {"libswscale", versions.libswscale}}},
               {"encoders", capabilities.encoders},
               {"decoders", capabilities.decoders},
               {"muxers", capabilities.muxers},
               {"protocols", capabilities.protocols},
               {"hardware", capabilities.hardware},
               {"license", capabilities.license}});
}

}  // namespace opencut
