#include "media/stream_description.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "media/coded_header.h"
#include "media/convert.h"
#include "media/video_description.h"

namespace opencut {
namespace {

bool IsMov(const AVFormatContext& context) {
  return std::string_view(context.iformat->name).starts_with("mov,");
}

// Not so in a fragmented file, whose samples are not in its header.
bool IsIndexed(const AVStream& stream) {
  return stream.nb_frames > 0 && avformat_index_get_entries_count(&stream) > 0;
}

bool HeaderSaysAll(const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  if (parameters.codec_type == AVMEDIA_TYPE_AUDIO) {
    return IsIndexed(stream) && parameters.sample_rate > 0 &&
           ReadCodedAudioHeader(parameters).has_value();
  }
  if (parameters.codec_type != AVMEDIA_TYPE_VIDEO) return true;
  if (IsCover(stream) || !IsIndexed(stream)) return false;
  if (stream.start_time == AV_NOPTS_VALUE || stream.avg_frame_rate.num <= 0) return false;
  const std::optional<CodedVideoHeader> header = ReadCodedVideoHeader(parameters);
  return header && (header->frames_only || parameters.field_order != AV_FIELD_UNKNOWN);
}

double ToSeconds(std::int64_t ticks, AVRational time_base) {
  return static_cast<double>(ticks) * time_base.num / time_base.den;
}

std::optional<double> KnownSeconds(std::int64_t ticks, AVRational time_base) {
  if (ticks == AV_NOPTS_VALUE || time_base.den == 0) return std::nullopt;
  return ToSeconds(ticks, time_base);
}

// Without an edit list MOV leaves the start of sound and data open: it is that of the first sample.
std::int64_t StartTicks(const AVStream& stream) {
  const bool may_be_reordered = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  if (stream.start_time != AV_NOPTS_VALUE || may_be_reordered || !IsIndexed(stream)) {
    return stream.start_time;
  }
  return avformat_index_get_entry(const_cast<AVStream*>(&stream), 0)->timestamp;
}

Tags ToTags(const AVDictionary* dictionary) {
  Tags tags;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    tags.emplace(entry->key, entry->value);
  }
  return tags;
}

// Removes a tag and returns its value; empty when there is none.
std::string TakeTag(Tags& tags, const std::string& key) {
  const auto node = tags.extract(key);
  return node.empty() ? "" : node.mapped();
}

StreamType ToStreamType(AVMediaType type) {
  switch (type) {
    case AVMEDIA_TYPE_VIDEO:
      return StreamType::kVideo;
    case AVMEDIA_TYPE_AUDIO:
      return StreamType::kAudio;
    case AVMEDIA_TYPE_SUBTITLE:
      return StreamType::kSubtitle;
    case AVMEDIA_TYPE_DATA:
      return StreamType::kData;
    case AVMEDIA_TYPE_ATTACHMENT:
      return StreamType::kAttachment;
    default:
      return StreamType::kUnknown;
  }
}

std::string CodecName(AVCodecID id) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(id);
  return descriptor == nullptr ? "unknown" : descriptor->name;
}

// Empty where the tag is a number (AVI, MPEG-TS) and not four characters.
std::string FourCharacters(std::uint32_t tag) {
  std::string characters;
  for (int shift = 0; shift < 32; shift += 8) {
    characters.push_back(static_cast<char>(tag >> shift & 0xff));
  }
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  return std::all_of(characters.begin(), characters.end(), printable) ? characters : "";
}

std::vector<std::string> DispositionNames(int disposition) {
  std::vector<std::string> names;
  for (int bit = 0; bit < 31; ++bit) {
    const char* name = av_disposition_to_string(disposition & 1 << bit);
    if (name != nullptr) names.emplace_back(name);
  }
  return names;
}

int LosslessBitDepth(const AVCodecParameters& parameters) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(parameters.codec_id);
  if (descriptor == nullptr || (descriptor->props & AV_CODEC_PROP_LOSSLESS) == 0) return 0;
  if (parameters.bits_per_raw_sample > 0) return parameters.bits_per_raw_sample;
  return av_get_exact_bits_per_sample(parameters.codec_id);
}

// What the container declares, or, in MOV, what its edit list cuts away at the start.
int InitialPadding(const AVStream& stream) {
  if (stream.codecpar->initial_padding > 0 || !IsIndexed(stream)) {
    return stream.codecpar->initial_padding;
  }
  const AVIndexEntry* first = avformat_index_get_entry(const_cast<AVStream*>(&stream), 0);
  if ((first->flags & AVINDEX_DISCARD_FRAME) == 0) return 0;
  const double seconds = ToSeconds(StartTicks(stream), stream.time_base) -
                         ToSeconds(first->timestamp, stream.time_base);
  constexpr double kMost = std::numeric_limits<int>::max();
  return static_cast<int>(
      std::round(std::clamp(seconds * stream.codecpar->sample_rate, 0.0, kMost)));
}

void DescribeAudio(const AVStream& stream, StreamInfo& info) {
  const AVCodecParameters& parameters = *stream.codecpar;
  AudioInfo& audio = info.audio;
  audio.sample_rate = parameters.sample_rate;
  audio.channels = parameters.ch_layout.nb_channels;
  if (parameters.ch_layout.order != AV_CHANNEL_ORDER_UNSPEC) {
    audio.channel_layout = ChannelLayoutName(parameters.ch_layout);
  }
  audio.sample_format = SampleFormatName(static_cast<AVSampleFormat>(parameters.format));
  if (const std::optional<CodedAudioHeader> header = ReadCodedAudioHeader(parameters)) {
    info.profile = header->profile;
    audio.channel_layout = header->channel_layout;
    audio.sample_format = header->sample_format;
  }
  audio.bit_depth = LosslessBitDepth(parameters);
  if (audio.sample_rate > 0) audio.initial_padding = InitialPadding(stream);
  if (info.bit_rate == 0) {
    info.bit_rate = std::int64_t{av_get_exact_bits_per_sample(parameters.codec_id)} *
                    audio.sample_rate * audio.channels;
  }
}

StreamInfo DescribeStream(const AVFormatContext& context, const AVStream& stream) {
  const AVCodecParameters& parameters = *stream.codecpar;
  StreamInfo info;
  info.type = ToStreamType(parameters.codec_type);
  info.index = stream.index;
  if ((context.iformat->flags & AVFMT_SHOW_IDS) != 0) info.id = stream.id;
  info.codec = CodecName(parameters.codec_id);
  info.codec_tag = FourCharacters(parameters.codec_tag);
  info.profile = OrEmpty(avcodec_profile_name(parameters.codec_id, parameters.profile));
  if (parameters.level >= 0) info.level = parameters.level;
  info.time_base = FromAvRational(stream.time_base);
  info.start_time = KnownSeconds(StartTicks(stream), stream.time_base);
  info.duration = KnownSeconds(stream.duration, stream.time_base);
  info.bit_rate = std::max<std::int64_t>(parameters.bit_rate, 0);
  info.frame_count = std::max<std::int64_t>(stream.nb_frames, 0);
  info.metadata = ToTags(stream.metadata);
  info.language = TakeTag(info.metadata, "language");
  if (info.language == "und") info.language.clear();
  info.disposition = DispositionNames(stream.disposition);
  if (info.type == StreamType::kVideo) DescribeVideo(stream, info);
  if (info.type == StreamType::kAudio) DescribeAudio(stream, info);
  return info;
}

std::vector<ChapterInfo> DescribeChapters(const AVFormatContext& context, double file_end) {
  std::vector<const AVChapter*> chapters(context.chapters, context.chapters + context.nb_chapters);
  const auto start = [](const AVChapter* chapter) {
    return ToSeconds(chapter->start, chapter->time_base);
  };
  std::stable_sort(chapters.begin(), chapters.end(),
                   [&](const auto* a, const auto* b) { return start(a) < start(b); });
  std::vector<ChapterInfo> infos;
  for (std::size_t i = 0; i < chapters.size(); ++i) {
    ChapterInfo info;
    info.start = start(chapters[i]);
    // One without an end lasts to the next one, the last to the end of the file.
    const double next = i + 1 < chapters.size() ? start(chapters[i + 1]) : file_end;
    info.end =
        KnownSeconds(chapters[i]->end, chapters[i]->time_base).value_or(std::max(info.start, next));
    info.metadata = ToTags(chapters[i]->metadata);
    if (info.metadata.contains("title")) info.title = TakeTag(info.metadata, "title");
    infos.push_back(std::move(info));
  }
  return infos;
}

// Of picture and sound; covers lie outside time.
std::optional<double> EarliestStart(const AVFormatContext& context,
                                    const std::vector<StreamInfo>& streams) {
  std::optional<double> earliest;
  for (const StreamInfo& stream : streams) {
    const bool counts = stream.type == StreamType::kVideo || stream.type == StreamType::kAudio;
    if (!counts || !stream.start_time || IsCover(*context.streams[stream.index])) continue;
    earliest = std::min(earliest.value_or(*stream.start_time), *stream.start_time);
  }
  return earliest;
}

}  // namespace

bool HeadersSayAll(const AVFormatContext& context) {
  if (!IsMov(context) || context.nb_streams == 0 || FileDuration(context) <= 0) return false;
  return std::all_of(context.streams, context.streams + context.nb_streams,
                     [](const AVStream* stream) { return HeaderSaysAll(*stream); });
}

MediaInfo DescribeMedia(const AVFormatContext& context, const InputFile& file) {
  MediaInfo info;
  info.path = file.path();
  info.container = context.iformat->name;
  info.size_bytes = file.size_bytes();
  const std::int64_t duration = FileDuration(context);
  if (duration > 0) info.duration = ToSeconds(duration, {1, AV_TIME_BASE});
  if (info.duration) {
    constexpr double kMost = 1e18;
    info.bit_rate = static_cast<std::int64_t>(
        std::min(static_cast<double>(file.size_bytes()) * 8 / *info.duration, kMost));
  }
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    info.streams.push_back(DescribeStream(context, *context.streams[i]));
  }
  info.start_time = EarliestStart(context, info.streams);
  const double file_end = info.start_time.value_or(0) + info.duration.value_or(0);
  info.chapters = DescribeChapters(context, file_end);
  info.metadata = ToTags(context.metadata);
  return info;
}

}  // namespace opencut
