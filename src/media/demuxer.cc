#include "media/demuxer.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "media/convert.h"
#include "media/format_opener.h"

namespace opencut {
namespace {

bool IsPictureOrSound(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  return type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO;
}

bool IsCover(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

// A fragmented file has no samples in its header.
bool IsIndexed(const AVFormatContext& context, const AVStream& stream) {
  const bool mov = std::string_view(context.iformat->name).starts_with("mov,");
  return mov && stream.nb_frames > 0 && avformat_index_get_entries_count(&stream) > 0;
}

bool IsWhollyIndexed(const AVFormatContext& context) {
  const auto streams = std::span(context.streams, context.nb_streams);
  return (context.ctx_flags & AVFMTCTX_NOHEADER) == 0 &&
         std::all_of(streams.begin(), streams.end(), [&](const AVStream* stream) {
           return !IsPictureOrSound(*stream) || IsCover(*stream) || IsIndexed(context, *stream);
         });
}

}  // namespace

Demuxer::Demuxer(const std::string& path, const CancellationToken& token, const AllowedRoots& roots)
    : token_(token), file_(path, token, roots) {
  Open();
  FindStartTime();
  DescribeStreams();
}

void Demuxer::Open() {
  context_ = OpenFormat(file_, token_);
  has_read_ = false;
  if (NeedsStreamInfo()) {
    Check(avformat_find_stream_info(context_.get(), nullptr), "read " + path(), ErrorCode::kProbe);
    file_.ThrowIfFailed();
  }
  // The index says all that a parser would find in the packets, also where those are not read.
  if (IsWhollyIndexed(*context_)) context_->flags |= AVFMT_FLAG_NOPARSE;
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    context_->streams[i]->discard = AVDISCARD_ALL;
  }
}

// MOV tells all that decoding and cutting need in its header; probing would decode pictures.
bool Demuxer::NeedsStreamInfo() const {
  if (!IsWhollyIndexed(*context_)) return true;
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const AVStream& stream = *context_->streams[i];
    if (!IsPictureOrSound(stream) || IsCover(stream)) continue;
    if (stream.start_time == AV_NOPTS_VALUE) return true;
    if (stream.codecpar->codec_id == AV_CODEC_ID_NONE) return true;
    const bool needs_extradata = stream.codecpar->codec_id == AV_CODEC_ID_H264 ||
                                 stream.codecpar->codec_id == AV_CODEC_ID_HEVC ||
                                 stream.codecpar->codec_id == AV_CODEC_ID_AAC;
    if (!needs_extradata || stream.codecpar->extradata_size == 0) return true;
  }
  return false;
}

void Demuxer::FindStartTime() {
  std::optional<std::int64_t> start;
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const AVStream& stream = *context_->streams[i];
    if (!IsPictureOrSound(stream) || IsCover(stream) || stream.start_time == AV_NOPTS_VALUE) {
      continue;
    }
    const std::int64_t start_us =
        av_rescale_q(stream.start_time, stream.time_base, av_get_time_base_q());
    start = std::min(start.value_or(start_us), start_us);
  }
  start_time_us_ = start.value_or(0);
}

void Demuxer::DescribeStreams() {
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const AVStream& stream = *context_->streams[i];
    DemuxedStream described;
    described.index = static_cast<int>(i);
    described.parameters = CodecParameters(stream);
    described.type = described.parameters.type();
    described.time_base = FromAvRational(stream.time_base);
    if (stream.start_time != AV_NOPTS_VALUE) described.start_pts = stream.start_time;
    described.average_frame_rate = FromAvRational(stream.avg_frame_rate);
    described.is_cover = IsCover(stream);
    described.has_index = IsIndexed(*context_, stream);
    streams_.push_back(std::move(described));
  }
}

std::int64_t Demuxer::IndexSize(int stream) const {
  return avformat_index_get_entries_count(context_->streams[stream]);
}

ContainerIndexEntry Demuxer::IndexEntry(int stream, std::int64_t ordinal) const {
  const AVIndexEntry* entry =
      avformat_index_get_entry(context_->streams[stream], static_cast<int>(ordinal));
  return {entry->timestamp, entry->pos, entry->size, (entry->flags & AVINDEX_KEYFRAME) != 0,
          (entry->flags & AVINDEX_DISCARD_FRAME) != 0};
}

std::vector<HeaderChange> Demuxer::HeaderChanges(int stream) {
  return ReadHeaderChanges(file_, static_cast<std::uint32_t>(context_->streams[stream]->id));
}

Packet Demuxer::ReadEntry(int stream, std::int64_t ordinal, std::size_t most_bytes) {
  const ContainerIndexEntry entry = IndexEntry(stream, ordinal);
  Packet packet =
      Packet::WithSize(std::min(most_bytes, static_cast<std::size_t>(entry.size_bytes)));
  file_.ReadAt(entry.position_bytes, packet.mutable_bytes());
  packet.SetPts(entry.dts);
  packet.SetDts(entry.dts);
  packet.SetKeyframe(entry.keyframe);
  packet.SetDiscarded(entry.hidden);
  return packet;
}

void Demuxer::Select(int stream) {
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    context_->streams[i]->discard =
        static_cast<int>(i) == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

void Demuxer::SeekToEntry(int stream, std::int64_t ordinal) {
  const ContainerIndexEntry entry = IndexEntry(stream, ordinal);
  Check(av_seek_frame(context_.get(), stream, entry.dts, AVSEEK_FLAG_ANY | AVSEEK_FLAG_BACKWARD),
        "seek in " + path(), ErrorCode::kProbe);
}

void Demuxer::SeekAtOrBefore(int stream, std::int64_t pts) {
  has_read_ = true;
  if (av_seek_frame(context_.get(), stream, pts, AVSEEK_FLAG_BACKWARD) < 0) SeekToStart(stream);
  file_.ThrowIfFailed();
}

void Demuxer::SeekToStart(int stream) {
  // Where time stamps may jump (MPEG-TS), the first byte is the only start.
  if ((context_->iformat->flags & AVFMT_TS_DISCONT) != 0) {
    Check(av_seek_frame(context_.get(), -1, 0, AVSEEK_FLAG_BYTE),
          "return to the start of " + path(), ErrorCode::kProbe);
  } else if (HasIndex(stream)) {
    const std::int64_t start = streams_[static_cast<std::size_t>(stream)].start_pts.value_or(0);
    Check(av_seek_frame(context_.get(), stream, start, AVSEEK_FLAG_BACKWARD),
          "return to the start of " + path(), ErrorCode::kProbe);
  } else if (has_read_) {
    // Demuxers that find no keyframe there, or have no index to look it up in, seek elsewhere.
    Check(static_cast<int>(avio_seek(file_.avio(), 0, SEEK_SET)),
          "return to the start of " + path(), ErrorCode::kProbe);
    Open();
    Select(stream);
  }
  file_.ThrowIfFailed();
}

std::optional<Packet> Demuxer::Read() {
  token_.ThrowIfCancelled();
  has_read_ = true;
  while (true) {
    Packet packet;
    const int ret = av_read_frame(context_.get(), packet.get());
    if (ret == AVERROR_EOF) {
      file_.ThrowIfFailed();
      return std::nullopt;
    }
    if (ret == AVERROR(EAGAIN)) continue;
    Check(ret, "read " + path(), ErrorCode::kProbe);
    file_.ThrowIfFailed();  // libav gives what it got of a packet that is cut short.
    // Some demuxers go on giving packets of streams they were told to leave out.
    const AVStream& stream = *context_->streams[packet.stream_index()];
    if (stream.discard == AVDISCARD_ALL) continue;
    return packet;
  }
}

}  // namespace opencut
