// The only file that includes libav, and the only one that knows its versions: FFmpeg 5.1 to 8.
// What differs between them has one name here; everything else in src/media is written once.
#pragma once

#include <cstdint>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
#include <libavutil/tx.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace opencut {

#if LIBAVFORMAT_VERSION_MAJOR >= 61
using AvioWriteByte = const std::uint8_t;
#else
using AvioWriteByte = std::uint8_t;
#endif

// A Matroska block is presented earlier than it says, by the codec delay of its track (RFC 9559,
// 5.1.4.1.25). FFmpeg 5.1 writes the delay of Opus without adding it to the blocks.
inline constexpr bool kMatroskaAddsCodecDelay = LIBAVFORMAT_VERSION_MAJOR >= 60;

inline std::int64_t FrameDuration(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

inline void SetFrameDuration(AVFrame& frame, std::int64_t duration) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  frame.duration = duration;
#else
  frame.pkt_duration = duration;
#endif
}

inline bool IsKeyFrame(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame.key_frame != 0;
#endif
}

inline void ClearKeyFrame(AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  frame.flags &= ~AV_FRAME_FLAG_KEY;
#else
  frame.key_frame = 0;
#endif
}

inline bool IsInterlaced(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

inline bool IsTopFieldFirst(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  return (frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
  return frame.top_field_first != 0;
#endif
}

inline void SetFields(AVFrame& frame, bool interlaced, bool top_field_first) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
  frame.flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
  if (interlaced) frame.flags |= AV_FRAME_FLAG_INTERLACED;
  if (top_field_first) frame.flags |= AV_FRAME_FLAG_TOP_FIELD_FIRST;
#else
  frame.interlaced_frame = interlaced ? 1 : 0;
  frame.top_field_first = top_field_first ? 1 : 0;
#endif
}

// How long the headers say that a file lasts, in AV_TIME_BASE; AV_NOPTS_VALUE where they do not.
// From 6.1 on, MP4's demuxer leaves it to the probing of streams, and it is asked of them here.
inline std::int64_t FileDuration(const AVFormatContext& context) {
  if (context.duration != AV_NOPTS_VALUE) return context.duration;
  const AVRational microseconds{1, AV_TIME_BASE};
  std::int64_t longest = AV_NOPTS_VALUE;
  std::int64_t first = INT64_MAX;
  std::int64_t end = INT64_MIN;
  for (const AVStream* stream : std::span(context.streams, context.nb_streams)) {
    // What is indexed beyond the header's samples is of fragments, of which there may be more.
    if (avformat_index_get_entries_count(stream) > stream->nb_frames) return AV_NOPTS_VALUE;
    if (stream->duration == AV_NOPTS_VALUE) continue;
    const std::int64_t length = av_rescale_q(stream->duration, stream->time_base, microseconds);
    longest = std::max(longest, length);
    if (stream->start_time == AV_NOPTS_VALUE) continue;
    const std::int64_t start = av_rescale_q(stream->start_time, stream->time_base, microseconds);
    first = std::min(first, start);
    end = std::max(end, av_sat_add64(start, length));
  }
  return first < end ? std::max(longest, av_sat_sub64(end, first)) : longest;
}

// What a container says of a whole stream beside its codec parameters: display matrix, mastering
// display and the like.
struct StreamSideData {
  AVPacketSideDataType type;
  std::vector<std::uint8_t> bytes;
};

inline std::vector<StreamSideData> GetStreamSideData(const AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVPacketSideData* entries = stream.codecpar->coded_side_data;
  const int count = stream.codecpar->nb_coded_side_data;
#else
  const AVPacketSideData* entries = stream.side_data;
  const int count = stream.nb_side_data;
#endif
  std::vector<StreamSideData> all;
  for (int i = 0; i < count; ++i) {
    all.push_back({entries[i].type, {entries[i].data, entries[i].data + entries[i].size}});
  }
  return all;
}

inline void ClearStreamSideData(AVStream& stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  av_packet_side_data_free(&stream.codecpar->coded_side_data, &stream.codecpar->nb_coded_side_data);
#else
  static_cast<void>(stream);  // Here avcodec_parameters_copy brings none along.
#endif
}

// False when there is no memory.
[[nodiscard]] inline bool AddStreamSideData(AVStream& stream, const StreamSideData& side_data) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  AVPacketSideData* added = av_packet_side_data_new(&stream.codecpar->coded_side_data,
                                                    &stream.codecpar->nb_coded_side_data,
                                                    side_data.type, side_data.bytes.size(), 0);
  std::uint8_t* to = added == nullptr ? nullptr : added->data;
#else
  std::uint8_t* to = av_stream_new_side_data(&stream, side_data.type, side_data.bytes.size());
#endif
  if (to != nullptr) std::memcpy(to, side_data.bytes.data(), side_data.bytes.size());
  return to != nullptr;
}

// Empty when the encoder takes any.
inline std::span<const AVSampleFormat> SupportedSampleFormats(const AVCodec& codec) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  const void* list = nullptr;
  int count = 0;
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_SAMPLE_FORMAT, 0, &list, &count);
  return {static_cast<const AVSampleFormat*>(list), static_cast<std::size_t>(count)};
#else
  std::size_t count = 0;
  while (codec.sample_fmts != nullptr && codec.sample_fmts[count] != AV_SAMPLE_FMT_NONE) ++count;
  return {codec.sample_fmts, count};
#endif
}

// Empty when the encoder takes any.
inline std::span<const AVPixelFormat> SupportedPixelFormats(const AVCodec& codec) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  const void* list = nullptr;
  int count = 0;
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &list, &count);
  return {static_cast<const AVPixelFormat*>(list), static_cast<std::size_t>(count)};
#else
  std::size_t count = 0;
  while (codec.pix_fmts != nullptr && codec.pix_fmts[count] != AV_PIX_FMT_NONE) ++count;
  return {codec.pix_fmts, count};
#endif
}

// FFmpeg 5.1 takes the layouts without const, though it only reads them.
inline int AllocateSwr(SwrContext** swr, const AVChannelLayout& out_layout,
                       AVSampleFormat out_format, int out_rate, const AVChannelLayout& in_layout,
                       AVSampleFormat in_format, int in_rate) {
  return swr_alloc_set_opts2(swr, const_cast<AVChannelLayout*>(&out_layout), out_format, out_rate,
                             const_cast<AVChannelLayout*>(&in_layout), in_format, in_rate, 0,
                             nullptr);
}

}  // namespace opencut
